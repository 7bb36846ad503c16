// A comparison makes a machine for each run, one after the other, and to close an object takes longer than all that a run does with
// it. So what a machine had the next one has, when nobody looks at the first one any more: as if it were new.
import { Judge } from '@lastref/judge';
import {
  Life,
  Site,
  allocPage,
  allocSkb,
  skbClone,
  type Kernel,
  type Loan,
  type Page,
  type SlabObject,
} from '@lastref/kernel';
import type { Cell } from '@lastref/search';
import { expect, test } from 'vitest';
import { leave } from '../src/memory.ts';
import { entryFor } from '../src/tape/closed.ts';
import { placeOfEntry } from '../src/tape/entries.ts';
import { closedKernel } from './taped.ts';

/** One of each, as a run leaves them. */
function busy(k: Kernel): Record<string, SlabObject> {
  const skb = allocSkb(k, 128, true);
  const page = allocPage(k);
  const loan = k.newLoan(0, 0);
  const frag = k.fillPageDesc(skb, page, 64, 100);
  frag.loan = page.loan = skb.loan = skb.cb = loan;
  skb.len += 100;
  skb.shinfo.loan = loan;
  skbClone(k, skb, Site.TAP);
  return { skb, pair: skb.pair!, shinfo: skb.shinfo, page, loan };
}

/** What stands in the fields of each, where references stand as whether there is one. */
function fields(all: Record<string, SlabObject>): unknown {
  const plain = (v: unknown): unknown =>
    typeof v === 'object' && v !== null ? (Array.isArray(v) ? v.length : 'something') : v;
  return Object.entries(all).map(([name, o]) => [
    name,
    Object.entries(o).map(([field, v]) => [field, plain(v)]),
  ]);
}

function left(k: Kernel): void {
  const input = { workload: { id: 'handed-on' } };
  leave({ k, judge: new Judge(), input } as unknown as Cell);
}

test('the next machine has the objects of one that was left, and what it does with them is what it does with new ones', () => {
  const first = closedKernel();
  const used = busy(first);
  const behind = allocSkb(first, 128, true);
  const { frags } = used['shinfo'] as ReturnType<typeof allocSkb>['shinfo'];
  const view = entryFor(frags[0]!);
  const asNew = fields(used);
  const life = new Life(used['loan']!);
  first.loans.free(used['loan'] as ReturnType<Kernel['newLoan']>);
  expect(life.over).toBe(true);
  left(first);
  const { loan, page } = used as unknown as { loan: Loan; page: Page };
  expect([loan.op, page.loan], 'meanwhile they hold nothing of it').toEqual([0, null]);

  const next = closedKernel();
  const again = busy(next);
  const { pair, shinfo: data } = behind;
  const known = new Set<unknown>([...Object.values(used), behind, pair, data]);
  for (const [name, o] of Object.entries(again)) expect(known.has(o), name).toBe(true);
  expect(fields(again)).toEqual(asNew);

  const shinfo = again['shinfo'] as ReturnType<typeof allocSkb>['shinfo'];
  expect(entryFor(shinfo.frags[0]!), 'and the views of entries').toBe(view);
  expect(shinfo, 'which stand elsewhere now').not.toBe(used['shinfo']);
  const [owner, index] = placeOfEntry(view)!;
  expect([owner === shinfo, index]).toEqual([true, 0]);
  expect([view.size, view.loan]).toEqual([100, again['loan']]);
});

test('two machines that are in use have nothing in common', () => {
  const one = Object.values(busy(closedKernel()));
  const other = Object.values(busy(closedKernel()));
  expect(one.filter((o) => other.includes(o))).toEqual([]);
});
