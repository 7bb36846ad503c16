// Who keeps a run going until its time is over, as a program does that sends one byte more whenever it is told, is never seen to
// tell nobody: nothing is said of him, and no *holds*.
import { GetPutPage, eraOf, type Loan } from '@lastref/kernel';
import { headline } from '@lastref/report';
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { runClock, rowIn, type CellAnswer } from '../src/compare/index.ts';
import { designOf } from './taped.ts';

class Never extends GetPutPage {}

class AtOnce extends GetPutPage {
  override returned(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan);
  }
}

const capture = { file: '', driverTicks: 0, flows: null };
const long = workloadCalled('bulk-loss')!;
const era = eraOf('3.8')!;

function word(kind: typeof Never, horizonTicks: number): readonly [string, CellAnswer] {
  const design = designOf((services) => new kind(services));
  const workload = { ...long, horizonTicks };
  const answer = runClock({ design, workload, era, seed: 1 }, 1, capture, 'words');
  return [headline(rowIn(design, workload, era.id, answer)!), answer];
}

test('where the end of a run does not come nobody holds', () => {
  const [ended] = word(Never, long.horizonTicks);
  expect(ended).toBe('lost');
  const [cut, answer] = word(Never, 20_000);
  expect(answer.drained).toBe(false);
  expect(answer.judgement.loans).toBeGreaterThan(0);
  expect([cut, answer.judgement.verdicts.lost]).toEqual(['not judged', 'not-judged']);
  expect(answer.notJudged).toContain('nothing says who would never be told');
});

test('what is found before is found', () => {
  const [early, answer] = word(AtOnce, 20_000);
  expect(answer.drained).toBe(false);
  expect(early).not.toMatch(/holds|not judged/);
});
