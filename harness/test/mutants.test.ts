// How mutants are made and hunted: of a class by reflection, of an operation by the counts that it changes; and what
// it takes to be called killed, equivalent or a survivor.
import { GetPutPage, eraOf, type Design, type Loan } from '@lastref/kernel';
import { OPERATIONS } from '@lastref/operations';
import { design as perFrag } from '@lastref/strategies/ian-frag-destructor';
import { design as naive } from '@lastref/strategies/naive-sendpage';
import { describe, expect, test } from 'vitest';
import {
  Baseline,
  hunt,
  hookMutants,
  overridden,
  operationMutants,
  operationTrials,
  type Trial,
} from '@lastref/mutants';

const era = eraOf('3.18')!;
const pskbCopy = OPERATIONS.find((m) => m.id === 'pskb_copy')!;

/** As `perFrag`, with a hook that changes nothing and one that nobody calls. */
class Idle extends GetPutPage {
  override returned(_loan: Loan): void {}
  override mayWrite(): boolean {
    return true;
  }
}
const idle: Design = { ...naive, id: 'idle', create: (k) => new Idle(k) };

function trialsOf(design: Design): Generator<Trial> {
  return operationTrials(design, pskbCopy, 'shared', era, false);
}

describe('hooks', () => {
  test('are found on the class, not written down', () => {
    expect(overridden(perFrag)).toEqual(
      expect.arrayContaining(['lend', 'mayMerge', 'released', 'fragRef', 'fragUnref']),
    );
    expect(overridden(perFrag)).not.toContain('adopt');
    expect(overridden(naive)).toEqual(['returned']);
    expect(overridden({ ...naive, create: (k) => new GetPutPage(k) })).toEqual([]);
  });

  test('each is removed, called twice, and moved by one', () => {
    const changes = hookMutants(perFrag)
      .filter((m) => m.hook === 'released')
      .map((m) => m.change);
    expect(changes).toEqual([
      'removed',
      'called twice',
      'called where returned is',
      'called where replied is',
      'called one call late',
    ]);
  });

  test('a design that forgets to count a copy is seen', () => {
    const base = new Baseline(trialsOf(perFrag));
    const forgets = hookMutants(perFrag).find((m) => m.hook === 'fragRef')!;
    const hunted = hunt(base, trialsOf(forgets.design), () => forgets.calls.n);
    expect([hunted.verdict, hunted.runs]).toEqual(['killed', 1]);
  });

  test('what is never called, and what changes nothing, is equivalent for that reason', () => {
    const base = new Baseline(trialsOf(idle));
    const verdicts = hookMutants(idle)
      .filter((m) => m.change === 'removed')
      .map((m) => {
        const { verdict, by } = hunt(base, trialsOf(m.design), () => m.calls.n);
        return [m.hook, verdict, by];
      });
    expect(verdicts).toEqual([
      ['returned', 'equivalent', 'the same state after every run'],
      ['mayWrite', 'equivalent', 'never called in any run'],
    ]);
  });

  test('a mutant that does something else, and nothing worse, survives', () => {
    const base = new Baseline(trialsOf(naive));
    const late = [...trialsOf(naive)].map((t) => ({
      ...t,
      digest: '',
      told: new Map<number, number>(),
    }));
    expect(hunt(base, late, () => 1)).toMatchObject({ verdict: 'survived', better: 0 });
    const clean = late.map((t) => ({ ...t, refuted: [] }));
    expect(hunt(base, clean, () => 1)).toMatchObject({ by: 'judged better', better: 2 });
  });

  test('being told later is seen, being told earlier is not a fault by itself', () => {
    const all = [...trialsOf(perFrag)];
    const base = new Baseline(all);
    const shifted = (by: number): Trial[] =>
      all.map((t) => ({ ...t, told: new Map([...t.told].map(([l, turn]) => [l, turn + by])) }));
    expect(hunt(base, shifted(1), () => 1)).toMatchObject({ verdict: 'killed', by: 'late' });
    expect(hunt(base, shifted(-1), () => 1).verdict).toBe('survived');
  });
});

test('reference calls of an operation are found where counts change, and none is spoiled unseen', () => {
  const mutants = [...operationMutants(perFrag, era, [pskbCopy])];
  const shared = mutants.filter((m) => m.situation === 'shared' && m.change === 'left out');
  // The clone takes a half of the pair and the data; the copy takes a reference for each of three entries.
  expect(shared.map((m) => m.call.replace(/,.*/, ''))).toEqual([
    'skb.fcloneRef +1',
    'shinfo.dataref +1',
    'loan.refs +1',
    'loan.refs +1',
    'loan.refs +1',
  ]);
  expect(mutants.every((m) => m.verdict === 'killed')).toBe(true);
});
