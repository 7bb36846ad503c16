// The search that visits all states, one part at a time: it may be left and gone on with, it says why what it visited proves
// nothing, and what shows at its start has no way there.
import { GetPutPage, Spend, type Design, type Page, type SkBuff } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as copyAlways } from '../../../strategies/copy-always.ts';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { DepthFirst } from '../src/exhaustive/depth-first.ts';
import {
  DEFAULT_BOUND,
  RunStart,
  Start,
  explore,
  possible,
  type Beliefs,
  type Bound,
  type CellInput,
  type Choice,
} from '../src/index.ts';
import { inputOf } from './cells.ts';

const QUIET: Bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };

function searchOf(input: CellInput, bound: Bound, beliefs: Partial<Beliefs> = {}): DepthFirst {
  return new DepthFirst({ bound, beliefs }, new Start(input, true, true));
}

/** All that it tells of what it visited. */
function told(search: DepthFirst): unknown[] {
  const { executions, ends, cut, exercised, torn, starved } = search.counted;
  const { size, depth, isOpen } = search;
  const counted = [executions, ends, cut, exercised, torn, starved];
  return [size, depth, isOpen, ...counted, search.doubt(), search.audit.tried];
}

test('a search that is left after every state and goes on is the one that never was', () => {
  const input = inputOf(ian, 'sendfile-locked');
  const bound = { ...QUIET, failures: 1 };
  const whole = searchOf(input, bound);
  expect([whole.search(1000), whole.isOpen]).toEqual([null, false]);
  const parts = searchOf(input, bound);
  for (let states = 1; states < whole.size; states++) {
    expect(parts.search(states)).toBeNull();
    expect(parts.isOpen, `${states}`).toBe(true);
  }
  expect(parts.search(whole.size)).toBeNull();
  expect(told(parts)).toEqual(told(whole));
});

test('to what shows at its very start there is no way', () => {
  const input = inputOf(naive, 'loopback-slow-reader');
  const { list } = new RunStart(input, explore(input, { bound: QUIET }).trace!);
  const start = new Start(input, true, true, list);
  const found = new DepthFirst({ bound: QUIET }, start).search(1)!;
  expect([found.path, found.steps, found.atEnd]).toEqual([[], 0, false]);
});

/** Sends copies, and takes as many more as there are pages, as soon as the first is acknowledged. */
class Hoards extends GetPutPage {
  private page: Page | null = null;

  override lend(skb: SkBuff, page: Page, offset: number, size: number): void {
    this.k.fillPageDesc(skb, this.k.copyPage(page, offset, size), offset, size);
    this.page = page;
  }
  override acked(): void {
    while (this.page !== null) this.k.copyPage(this.page, 0, 1);
  }
}

test('where somebody has all page frames nobody looks any further, and nothing is proven', () => {
  const hoards: Design = { ...copyAlways, create: (k) => new Hoards(k) };
  const search = searchOf(inputOf(hoards, 'loopback-slow-reader'), QUIET, { enough: null });
  const doubts: string[] = [];
  for (let states = 1; search.isOpen || states === 1; states++) {
    expect(search.search(states)).toBeNull();
    const { starved, cut, ends } = search.counted;
    expect([cut, ends]).toEqual([starved, 0]);
    doubts.push(`${starved}: ${search.doubt()!}`);
  }
  const why = 'no page frame was left, and most of them in no packet: a kernel has more';
  expect([...new Set(doubts)]).toEqual([
    '0: no run came to its end in this scope, so nothing says who would never be told',
    `1: in 1 state ${why}, and would have gone on there`,
    `2: in 2 states ${why}, and would have gone on there`,
  ]);
});

test('what the workload is named for has happened where the steps that every run begins with have it', () => {
  const input = inputOf(ian, 'reset-midway');
  const never = { ...QUIET, teardowns: 0 };
  const { agenda } = new Start(input, false, false).machine().k;
  const [tears, other] = [true, false].map((torn) =>
    possible(agenda, false).find(({ spend }) => (spend === Spend.TEARDOWN) === torn)!,
  );
  const searched = (...from: Choice[]): DepthFirst => {
    const search = new DepthFirst({ bound: never, from }, new Start(input, true, true, from));
    expect(search.search(2000)).toBeNull();
    return search;
  };
  for (const from of [[], [other!]]) {
    const search = searched(...from);
    expect([search.counted.torn, search.doubt()]).toEqual([
      0,
      expect.stringContaining('named for'),
    ]);
  }
  const search = searched(other!, tears!);
  expect([search.counted.torn, search.doubt()]).toEqual([1, null]);
});
