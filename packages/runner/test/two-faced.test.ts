// The machine of a search has closed to a candidate what is no state, and gives it a stand-in for a socket. Who asks what he has
// there can be right where he is searched and wrong where he is compared, without wanting to.
import {
  Loan,
  MAX_SKB_FRAGS,
  Sock,
  eraOf,
  type Design,
  type Services,
  type SkBuff,
} from '@lastref/kernel';
import { DEFAULT_BOUND, type CellInput } from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { cardIn, cardOf } from '../src/candidates/card.ts';
import { Watch, guarded } from '../src/candidates/guard.ts';
import { share } from '../src/candidates/shared.ts';
import { answersOtherwise } from '../src/check/two-faced.ts';
import { played } from '../src/tape/played.ts';
import { recorded } from '../src/tape/recorded.ts';
import { Books, designOf, tapeOf } from './taped.ts';

/** Tells the producer as soon as a packet is charged to what it takes for a socket. */
class AsksKind extends Books {
  override charged({ sk, shinfo }: SkBuff): void {
    const loan = shinfo.nrFrags === 0 ? null : shinfo.frags[0]!.loan;
    if (sk instanceof Sock && loan instanceof Loan && !loan.completed) this.k.complete(loan);
  }
}
/** Takes the list of entries for one of those in use. */
class CountsEntries extends Books {
  override lend(...given: Parameters<Books['lend']>): void {
    super.lend(...given);
    const [{ shinfo }, , , , loan] = given;
    if (shinfo.frags.length === MAX_SKB_FRAGS && !loan.completed) this.k.complete(loan); // it is full
  }
}
share({ AsksKind, CountsEntries });

const card = (of: Design): ReturnType<typeof cardIn> => cardIn(JSON.stringify(cardOf(of)));

/** What is said of `design` in its process, and where it is judged. */
function said(design: Design, workload: string): (string | null)[] {
  const words: number[] = [];
  const tape = { put: (word: number) => void words.push(word | 0) };
  const of = guarded(design, new Watch('mine.ts'));
  const input: CellInput = {
    design,
    workload: miniature(workloadCalled(workload)!, 1),
    era: eraOf('3.8')!,
    seed: 1,
  };
  const own = {
    closed: recorded(of, tape, true, 'closed'),
    open: recorded(of, tape, true, 'open'),
  };
  const here = answersOtherwise(input, own, DEFAULT_BOUND);
  const again = tapeOf(words);
  const closed = played(card(design), 'mine.ts', again, true, [], false);
  const open = played(card(design), 'mine.ts', again, true, [], false);
  return [here, answersOtherwise(input, { closed, open }, DEFAULT_BOUND)];
}

test.each(['loopback-slow-reader', 'bulk-loss', 'nfs-odirect', 'receive-pool-reader'])(
  'who answers by what is state does so in both, on %s',
  (workload) => {
    expect(
      said(
        designOf((services) => new Books(services)),
        workload,
      ),
    ).toEqual([null, null]);
  },
);

test.each<[string, new (services: Services) => Books, string]>([
  ['whether it is a socket', AsksKind, 'loopback-slow-reader'],
  ['how many entries there are', CountsEntries, 'bulk-loss'],
])('who asks %s answers otherwise where nobody searches', (_, Asks, workload) => {
  const why = expect.stringContaining('it answers otherwise where nobody searches') as string;
  expect(
    said(
      designOf((services) => new Asks(services)),
      workload,
    ),
  ).toEqual([why, why]);
});
