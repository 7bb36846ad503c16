// A sum over all that live objects have: whatever a candidate writes there that no tape tells of changes one.
import {
  allocPage,
  allocSkb,
  Page,
  SkBuff,
  SkbSharedInfo,
  Loan,
  type SkbFrag,
} from '@lastref/kernel';
import { expect, test } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { KINDS, Whole } from '../src/tape/whole.ts';

const k = bareKernel({ era: '3.8' });
const loans = [k.loans.alloc(), k.loans.alloc()] as const;
const skb = allocSkb(k, 128, false);
const pages = [allocPage(k), allocPage(k)] as const;
const frag = k.fillPageDesc(skb, pages[0], 0, 100);
const whole = new Whole(k);

function sums(): number[] {
  whole.take();
  return [...whole.sums];
}

/** The first kind whose sum is another one while `o` has this value; every later sum goes on from it. */
function seenAt<T extends object, K extends keyof T>(o: T, key: K, value: T[K]): string | null {
  const before = sums();
  const was = o[key];
  o[key] = value;
  const after = sums();
  o[key] = was;
  expect(sums()).toEqual(before);
  const at = after.findIndex((sum, n) => sum !== before[n]);
  return at < 0 ? null : KINDS[at]!;
}

test('what an object refers to is told by which it is, and that is another thing than none or a number', () => {
  skb.loan = loans[0];
  expect(seenAt(skb, 'loan', loans[1])).toBe('packet');
  expect(seenAt(skb, 'loan', null)).toBe('packet');
  expect(seenAt(skb, 'loan', {} as Loan)).toBe('packet');
  expect(seenAt(frag, 'page', pages[1])).toBe('shared info');
  expect(seenAt(skb.shinfo, 'loan', loans[1])).toBe('shared info');
  expect(seenAt(pages[1], 'loan', loans[1])).toBe('page');
  skb.loan = null;
});

test.each([
  ['packet', skb, new SkBuff()],
  ['shared info', skb.shinfo, new SkbSharedInfo()],
  ['page', pages[0], new Page()],
  ['loan', loans[0], new Loan()],
] as const)('every number and flag of a %s counts', (kind, o, plain) => {
  const open = o as unknown as Record<string, unknown>;
  let tried = 0;
  for (const [field, value] of Object.entries(plain)) {
    if (
      field === 'live' ||
      field === 'slot' || // who refers to it is another sum then
      (typeof value !== 'number' && typeof value !== 'boolean')
    )
      continue;
    const now = open[field];
    expect(seenAt(open, field, typeof now === 'number' ? now + 1 : now !== true), field).toBe(kind);
    tried++;
  }
  expect(tried).toBeGreaterThan(3);
});

test('a number that is no whole one is another one, and 0 with a sign too', () => {
  expect(seenAt(skb, 'len', skb.len + 0.5)).toBe('packet');
  expect(seenAt(loans[0], 'refs', -0)).toBe('loan');
});

test('what is freed does not count: nobody finds it', () => {
  const gone = k.loans.alloc();
  k.loans.free(gone);
  expect(seenAt(gone, 'refs', 77)).toBeNull();
});

test('a field more is seen, and a field that may not be written is refused when its turn comes', () => {
  const before = sums();
  Object.assign(loans[0], { more: 1 });
  expect(sums()).not.toEqual(before);
  delete (loans[0] as { more?: number }).more;
  for (let n = 0; n < 200; n++) whole.lookClosely();
  Object.defineProperty(loans[1], 'refs', { writable: false });
  expect(() => {
    for (let n = 0; n < 200; n++) whole.lookClosely();
  }).toThrow('it changed what may be done with the field refs');
});

test.each<[string, (loan: Loan, entry: SkbFrag) => void]>([
  ['that it may have no more fields', (loan) => void Object.preventExtensions(loan)],
  ['in which order its fields stand', (loan) => movedBack(loan, 'refs')],
  ['the same of an entry of frags[]', (_, entry) => movedBack(entry, 'size')],
])('what shows beside the values of an object is refused when its turn comes: %s', (_, change) => {
  const own = bareKernel({ era: '3.8' });
  const loan = own.loans.alloc();
  const entry = own.fillPageDesc(allocSkb(own, 128, false), allocPage(own), 0, 100);
  const looking = new Whole(own);
  const look = (): void => {
    for (let n = 0; n < 200; n++) looking.lookClosely();
  };
  look();
  change(loan, entry);
  expect(look).toThrow('it changed what may be done with an object of the machine');
});

/** Takes a field away and puts it back. */
function movedBack<T extends object>(o: T, key: keyof T): void {
  const was = o[key];
  Reflect.deleteProperty(o, key);
  o[key] = was;
}
