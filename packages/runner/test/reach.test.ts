// What a hook writes to the slots of what it was given, and nothing else, stands on the tape: each write once, with what was
// written to.
import { Destructor, allocPage, allocSkb } from '@lastref/kernel';
import { beforeEach, describe, expect, test } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { Field } from '../src/tape/fields.ts';
import { Names } from '../src/tape/names.ts';
import { Reach } from '../src/tape/reach.ts';
import { NOTHING, Word } from '../src/tape/words.ts';

const k = bareKernel({ era: '3.8' });
const loan = k.loans.alloc();
const skb = allocSkb(k, 128, false);
const page = allocPage(k);
const { shinfo } = skb;
const frag = k.fillPageDesc(skb, page, 0, 100);
const names = new Names(k);
const words: number[] = [];
let reach: Reach;

/** What was written since the last look: field, owner, place, value. */
function told(): number[][] {
  words.length = 0;
  reach.tell();
  const writes: number[][] = [];
  for (let at = 0; at < words.length; at += 5) {
    expect(words[at]).toBe(Word.WRITE);
    writes.push(words.slice(at + 1, at + 5));
  }
  return writes;
}

beforeEach(() => {
  skb.loan = skb.cb = shinfo.loan = frag.loan = page.loan = null;
  skb.ppRecycle = skb.cloned = 0;
  skb.destructor = Destructor.NONE;
  page.count = 1;
  reach = new Reach(names, { put: (word) => words.push(word) }, new Set());
});

describe('of a packet that a hook was given', () => {
  beforeEach(() => {
    reach.add('skb', skb, true);
    reach.look();
  });

  test('nothing is told where nothing was written', () => {
    expect(told()).toEqual([]);
  });

  const of = (field: number, value: number) => [[field, names.wordOfSkb(skb), 0, value]];
  test.each<[string, () => void, number[][]]>([
    ['loan', () => (skb.loan = loan), of(Field.SKB_LOAN, loan.slot)],
    ['cb', () => (skb.cb = loan), of(Field.SKB_CB, loan.slot)],
    [
      'destructor',
      () => (skb.destructor = Destructor.SOCK_WFREE),
      of(Field.SKB_DESTRUCTOR, Destructor.SOCK_WFREE),
    ],
    ['ppRecycle', () => (skb.ppRecycle = 1), of(Field.SKB_PP_RECYCLE, 1)],
    ['cloned', () => (skb.cloned = 1), of(Field.SKB_CLONED, 1)],
    [
      'the loan of its data',
      () => (shinfo.loan = loan),
      [[Field.SHINFO_LOAN, shinfo.slot, 0, loan.slot]],
    ],
    [
      'managed of shared info',
      () => (shinfo.managed = !shinfo.managed),
      [[Field.SHINFO_MANAGED, shinfo.slot, 0, 1]],
    ],
    [
      'the loan of a frag',
      () => (frag.loan = loan),
      [[Field.FRAG_LOAN, shinfo.slot, 0, loan.slot]],
    ],
    ['the loan of a page', () => (page.loan = loan), [[Field.PAGE_LOAN, page.slot, 0, loan.slot]]],
    ['the count of a page', () => page.count++, [[Field.PAGE_COUNT, page.slot, 0, 2]]],
  ])('%s alone is told once', (_, write, expected) => {
    write();
    expect(told()).toEqual(expected);
    expect(told()).toEqual([]);
  });

  test('what is taken back is told as nothing', () => {
    skb.loan = frag.loan = loan;
    expect(told()).toHaveLength(2);
    skb.loan = frag.loan = null;
    expect(told().map(([field, , , value]) => [field, value])).toEqual([
      [Field.SKB_LOAN, NOTHING],
      [Field.FRAG_LOAN, NOTHING],
    ]);
  });

  test('what is no loan is refused where a loan hangs', () => {
    skb.loan = {} as never;
    expect(() => reach.tell()).toThrow(
      'it put something that is no loan where a struct has its slot',
    );
  });
});

describe('data that a hook was given', () => {
  test('without its frags is looked at without them, and with them as soon as something holds it with all', () => {
    reach.add('shinfo', shinfo, false);
    reach.look();
    frag.loan = loan;
    expect(told()).toEqual([]);
    frag.loan = null;
    reach.add('shinfo', shinfo, true);
    reach.look();
    frag.loan = loan;
    expect(told()).toEqual([[Field.FRAG_LOAN, shinfo.slot, 0, loan.slot]]);
  });

  test('with its frags stays so, whoever holds it without', () => {
    reach.add('shinfo', shinfo, true);
    reach.add('shinfo', shinfo, false);
    reach.look();
    frag.loan = loan;
    expect(told()).toHaveLength(1);
  });

  test('that a hook was given twice is looked at once', () => {
    for (let n = 0; n < 2; n++) {
      reach.add('shinfo', shinfo, true);
      reach.add('skb', skb, false);
    }
    reach.look();
    skb.cb = loan;
    expect(told()).toEqual([[Field.SKB_CB, names.wordOfSkb(skb), 0, loan.slot]]);
  });

  test('that there is none of is nothing', () => {
    reach.add('skb', null, true);
    reach.add('page', undefined, true);
    reach.look();
    expect(told()).toEqual([]);
  });
});

test('a page that was ever marked is looked at in every hook behind that', () => {
  const marked = new Set([page]);
  reach = new Reach(names, { put: (word) => words.push(word) }, marked);
  reach.look();
  page.loan = loan;
  expect(told()).toEqual([[Field.PAGE_LOAN, page.slot, 0, loan.slot]]);
  reach.clear();
  page.loan = null;
  expect(told()).toHaveLength(1);
});
