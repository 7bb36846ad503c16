// What the judge sees when it does not walk from every root: a packet that was seen to reach a loan stands for all readers,
// as long as it is what it was. Whoever leaves unseen, or is seen where nobody is, moves the moment from which a loan is late.
import { type Loan, type SkBuff } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { hearing } from './hearing.ts';

/** Two packets of a queue, one behind the other. */
function linked(first: SkBuff, second: SkBuff): [SkBuff, SkBuff] {
  first.next = second;
  second.prev = first;
  return [first, second];
}

/** A loan whose page a packet has, in a queue before another one. */
function queued() {
  const hears = hearing();
  const { judge, page, lend, packet, holds, step } = hears;
  const [of, other] = [page(), page()];
  const queue = linked(packet(of, 1000), packet(other, 90_000));
  holds('write queue', ...queue);
  let loan: Loan | null = null;
  step(() => {
    loan = lend(of);
    judge.released(loan);
  });
  step(() => {});
  return { ...hears, of, other, queue, loan: loan! };
}

test('one who was a witness is none when nobody comes to him any more', () => {
  const { judge, of, loan, lend, k, step, said } = queued();
  let piped = true;
  step(() => {
    k.holders.pop(); // the queue is left alone, linked as it was
    k.holders.push({ forEachReader: (v) => piped && v.page(of, 0, 4096, 'pipe') });
    lend(); // what nobody has makes the judge look everywhere
  });
  step(() => lend());
  step(() => {
    piped = false;
    k.releases++;
  });
  step(() => judge.completed(loan));
  expect(said()).toEqual(['late producer 1']);
});

describe('a packet that was seen to have a page, and changes', () => {
  /** When it was told a step later: did anybody have it until then? */
  function after(change: (skb: SkBuff, all: ReturnType<typeof queued>) => void): string[] {
    const all = queued();
    const { judge, queue, loan, k, step, said } = all;
    step(() => {
      change(queue[0], all);
      k.releases++;
    });
    step(() => judge.completed(loan));
    return said();
  }
  const HAD = ['early write queue 1'];
  const GONE = ['late producer 1'];

  test.each<[string, (skb: SkBuff, all: ReturnType<typeof queued>) => void, string[]]>([
    ['in nothing', () => {}, HAD],
    [
      'into one with another page',
      ({ shinfo }, { other }) => (shinfo.frags[0]!.page = other),
      GONE,
    ],
    ['into one without any', ({ shinfo }) => (shinfo.nrFrags = 0), GONE],
    ['into one of other bytes of the stream', (skb) => (skb.seq += 8192), GONE],
    ['into one that begins a little later', (skb) => (skb.seq += 100), HAD],
    [
      'into one of another buffer',
      (skb, { packet, other }) => (skb.shinfo = packet(other, 0).shinfo),
      GONE,
    ],
    ['into one of another owner', (skb) => (skb.sk = {} as typeof skb.sk), HAD],
    [
      'into one that has the page behind another',
      ({ shinfo }, { other }) => {
        shinfo.frags[1]!.page = shinfo.frags[0]!.page;
        shinfo.frags[1]!.size = 4096;
        shinfo.frags[0]!.page = other;
        shinfo.frags[0]!.size = 0;
        shinfo.nrFrags = 2;
      },
      HAD,
    ],
  ])('%s', (_, change, expected) => {
    expect(after(change)).toEqual(expected);
  });

  test('into one of another place in its page', () => {
    const all = hearing();
    const { judge, page, lend, packet, holds, k, step, said } = all;
    const of = page();
    const queue = linked(packet(of, 1000, 100), packet(page(), 90_000));
    holds('write queue', ...queue);
    let loan: Loan | null = null;
    step(() => judge.released((loan = lend(of, undefined, 100))));
    step(() => {
      queue[0].shinfo.frags[0]!.pageOffset = 2000;
      k.releases++;
    });
    step(() => judge.completed(loan!));
    expect(said()).toEqual(GONE);
  });
});

test('one who is found again is watched again', () => {
  const { judge, page, lend, packet, k, step, said } = hearing();
  const of = page();
  let there = true;
  const skb = packet(of, 1000);
  k.holders.push({ forEachReader: (v) => there && v.skb(skb, 'tap', skb.seq) });
  let loan: Loan | null = null;
  const turn = (to: boolean): void => {
    there = to;
    k.releases++;
  };
  step(() => judge.released((loan = lend(of))));
  step(() => turn(false));
  step(() => {
    turn(true);
    lend(); // looked for everywhere
  });
  step(() => lend());
  step(() => turn(false));
  step(() => judge.completed(loan!));
  expect(said()).toEqual(['late producer 1']);
});

test('more of a loan that has a witness makes nobody look', () => {
  const { judge, of, loan, lend, step } = queued();
  step(() => lend()); // nobody has that one
  step(() => {});
  const { number } = judge.evidence.walk;
  step(() => lend(of, loan));
  expect(judge.evidence.walk.number).toBe(number);
  step(() => lend());
  expect(judge.evidence.walk.number).toBeGreaterThan(number);
});

describe('a notification waits for the look at what it covers', () => {
  /** Of two loans one is in a queue, the other in a tap; that one is announced, and told of a step later. */
  function announced(between: (queue: readonly SkBuff[]) => void): [string[], string[]] {
    const { judge, page, lend, packet, holds, k, step, said } = hearing();
    const [gone, here, other] = [page(), page(), page()];
    const [first, second] = [0, 1].map((call) => Object.assign(k.newLoan(3, 0), { call }));
    const queue = linked(packet(gone, 1000), packet(other, 90_000));
    holds('write queue', ...queue);
    holds('tap', ...linked(packet(here, 5096), packet(other, 95_000)));
    step(() => {
      lend(gone, first);
      lend(here, second);
    });
    step(() => k.releases++);
    step(() => {
      k.releases++;
      between(queue);
      judge.notified(3, 1, 1, false);
    });
    const before = said();
    step(() => judge.completed(second!));
    return [before, said()];
  }
  const SAID = ['early tap 2', 'dishonest range 2'];

  test('where another one’s witness is sought', () => {
    expect(announced(([skb]) => (skb!.live = false))).toEqual([[], SAID]);
  });

  test('where all are as they were', () => {
    expect(announced(() => {})).toEqual([[], SAID]);
  });
});

test('a machine on which nobody holds anything is looked at as any other', () => {
  const { judge, lend, k, step, said } = hearing();
  k.holders.length = 0;
  let loan: Loan | null = null;
  step(() => (loan = lend()));
  step(() => judge.released(loan!));
  step(() => judge.completed(loan!));
  expect(said()).toEqual(['late producer 1']);
});
