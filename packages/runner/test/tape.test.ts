// What a candidate said, played again where none of its code is: the same run, the same verdict, the same search. And
// whatever else stands on a tape is said to be no such thing, and nothing worse comes of it.
import { GetPutPage, type Loan } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { Broken } from '../src/candidates/rules.ts';
import { Books, byClock, designOf, playing, said, searched, tapeOf } from './taped.ts';

const books = designOf((services) => new Books(services));
const WORKLOADS = ['nfs-odirect', 'bulk-loss', 'loopback-slow-reader', 'no-sg', 'nfs-udp'];

describe('a run by the clock', () => {
  test.each(WORKLOADS)('%s is the same with the tape as with the candidate', (workload) => {
    const own = byClock(books, workload);
    const words = said(books, (design) => byClock(design, workload));
    const again = byClock(playing(books, tapeOf(words, 1000)), workload);
    expect(again.digest).toBe(own.digest);
    expect(again.judgement.verdicts).toEqual(own.judgement.verdicts);
    expect(again.costs).toEqual(own.costs);
    expect(words.length).toBeGreaterThan(0);
  });

  test('of one that is wrong has the finding that it has', () => {
    class Early extends GetPutPage {
      override returned(loan: Loan): void {
        if (!loan.completed) this.k.complete(loan);
      }
    }
    const early = designOf((services) => new Early(services));
    const own = byClock(early, 'nfs-odirect');
    const words = said(early, (design) => byClock(design, 'nfs-odirect'));
    const again = byClock(playing(early, tapeOf(words)), 'nfs-odirect');
    expect(own.judgement.findings.length).toBeGreaterThan(0);
    expect(again.judgement.findings).toEqual(own.judgement.findings);
  });
});

describe('a search', () => {
  test.each(['sendfile-locked', 'loopback-slow-reader'])('%s comes to the same', (workload) => {
    const words = said(books, (design) => searched(design, workload), true);
    const again = searched(playing(books, tapeOf(words, 4096), true), workload);
    const found: unknown[] = [];
    said(books, (design) => found.push(searched(design, workload)), true);
    const { result, states, executions, steps } = again;
    expect(found).toMatchObject([{ result, states, executions, steps }]);
    expect(result).toBe('exhausted');
    expect(states).toBeGreaterThan(1);
  });
});

/** What is said of the run in which it plays these words. */
function misfit(words: readonly number[]): string {
  try {
    byClock(playing(books, tapeOf(words)), 'sendfile-locked');
  } catch (error) {
    return error instanceof Broken ? error.rule : (error as Error).message;
  }
  return 'nothing';
}

test('a tape of which one word is another one is refused, or the run is as well one of those', () => {
  const words = said(books, (design) => byClock(design, 'sendfile-locked'));
  const rules = new Set<string>();
  const own = byClock(books, 'sendfile-locked').digest;
  let quiet = 0;
  for (let n = 0; n < words.length; n += 3)
    for (const other of [words[n]! + 1, -7, 1 << 30]) {
      const forged = words.with(n, other);
      let came: string;
      try {
        came = byClock(playing(books, tapeOf(forged)), 'sendfile-locked').digest;
        if (came === own) quiet++;
      } catch (error) {
        came = error instanceof Broken ? error.rule : 'other';
        const { name, message } = error as Error;
        if (came === 'other') rules.add(`${name}: ${message.replace(/\d+/g, 'n').slice(0, 60)}`);
      }
    }
  expect(
    [...rules].filter((r) => !/KernelBug|SeamMisuse|NoMemory|is over|RunError/.test(r)),
  ).toEqual([]);
  expect(quiet).toBeLessThan(words.length / 3);
  expect(misfit(words)).toBe('nothing');
});
