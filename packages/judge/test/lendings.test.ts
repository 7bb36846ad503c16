// What the judge keeps of each lending, how long, and how it finds it again.
import { type Page } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { LoanRecord } from '../src/index.ts';
import { LentRanges } from '../src/truth/ranges.ts';
import { FlowShadow, Lent } from '../src/truth/shadow.ts';
import { covers } from '../src/truth/walk.ts';
import { FLOW } from './hearing.ts';

describe('what is kept of lendings', () => {
  /** Ranges of one byte a page and stream place, of these loans. */
  function ranges(...loans: LoanRecord[]) {
    const all = new LentRanges();
    const page = { slot: 3 } as Page;
    const entries = loans.map((record, i) => all.add(record, page, 0, 10, FLOW, 100 + 10 * i));
    return { all, page, entries, shadow: all.flows[FLOW]! };
  }
  const onPage = (all: LentRanges, page: Page): Lent[] => {
    const out: Lent[] = [];
    for (let e = all.on(page); e !== null; e = e.nextOnPage) out.push(e);
    return out;
  };
  const ofLoan = (record: LoanRecord): Lent[] => {
    const out: Lent[] = [];
    for (let e = record.ranges; e !== null; e = e.nextOfLoan) out.push(e);
    return out;
  };
  const over = (): LoanRecord => Object.assign(new LoanRecord(), { completed: true });

  test('goes in the order of the stream when it is over, read, and out of everybody’s reach', () => {
    const [a, b] = [over(), over()];
    const { all, page, entries, shadow } = ranges(a, b, a, a);
    expect([all.spent, onPage(all, page)]).toEqual([4, entries.toReversed()]);
    expect(ofLoan(a)).toEqual([entries[3], entries[2], entries[0]]);
    shadow.consumed = 29;
    shadow.lowest = 1000;
    entries[1]!.seen = 7;
    all.retire(7); // the second is still in somebody's reach, and what is behind it waits
    expect([all.spent, onPage(all, page)]).toEqual([3, [entries[3], entries[2], entries[1]]]);
    expect(ofLoan(a)).toEqual([entries[3], entries[2]]);
    all.retire(8);
    expect(onPage(all, page)).toEqual([entries[3], entries[2]]); // the third ends at 30
    shadow.consumed = 30;
    shadow.lowest = 29; // somebody has it in a queue
    all.retire(8);
    expect(all.spent).toBe(2);
    shadow.lowest = 30;
    all.retire(8);
    expect([onPage(all, page), ofLoan(a), ofLoan(b)]).toEqual([[entries[3]], [entries[3]], []]);
    expect(all.pages()).toEqual([page]);
  });

  test('stays while its loan is open', () => {
    const { all, shadow } = ranges(new LoanRecord());
    shadow.consumed = 100;
    shadow.lowest = 100;
    all.retire(1);
    expect([shadow.head, all.spent]).toEqual([0, 0]);
  });

  test('lets go in the middle of its loan, and of its page', () => {
    const [a, b] = [over(), over()];
    const { all, shadow } = ranges(a, b);
    const other = { slot: 5 } as Page;
    const late = all.add(b, other, 0, 10, FLOW + 1, 0);
    const early = all.flows[FLOW]!.entries[1]!;
    Object.assign(shadow, { consumed: 20, lowest: 20 });
    all.retire(1);
    expect([ofLoan(a), ofLoan(b)]).toEqual([[], [late]]);
    expect([early.page, early.nextOfLoan, early.nextOnPage]).toEqual([null, null, null]);
    // and what was let go of is used again
    expect([early, shadow.entries[0]]).toContain(all.add(a, other, 1, 2, FLOW, 130));
  });

  test('is found by overlap: what only touches is somebody else’s', () => {
    const shadow = new FlowShadow(1000);
    const lent = Object.assign(new Lent(), { pageOffset: 100, size: 50, at: 200 });
    const found = (offset: number, size: number, seq: number, of?: FlowShadow): boolean =>
      covers(lent, offset, size, of, seq);
    expect([found(50, 50, 0), found(50, 51, 0), found(150, 10, 0), found(149, 10, 0)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([found(100, 50, 1150, shadow), found(100, 50, 1151, shadow)]).toEqual([false, true]);
    expect([found(100, 50, 1250, shadow), found(100, 50, 1249, shadow)]).toEqual([false, true]);
  });
});
