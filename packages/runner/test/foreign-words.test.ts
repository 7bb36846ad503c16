// What comes from a candidate's process may be anything: what it remembers is built from words only where they make
// sense, what all machines share is frozen or refused, and whatever it writes to live objects shows.
import {
  Life,
  POISON_SHINFO,
  allocPage,
  allocSkb,
  type SideField,
  type SlabObject,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { Broken } from '../src/candidates/rules.ts';
import { isShared, share, sharedWritten } from '../src/candidates/shared.ts';
import { CONTENTS_MAX, Contents, Tag } from '../src/tape/contents.ts';
import { Mirror } from '../src/tape/mirror.ts';
import { Names } from '../src/tape/names.ts';
import { clearOver } from '../src/tape/recorded-field.ts';

/** What `work` says that is wrong. */
function wrong(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Broken ? `${error.rule}: ${error.message}` : String(error);
  }
  return 'nothing';
}

describe('what it remembers, from words,', () => {
  const k = bareKernel({ era: '3.8' });
  const loan = k.loans.alloc();
  const skb = allocSkb(k, 64, false);

  const read = (words: readonly number[], fields = 0) => {
    const all = [words.length, ...words];
    let at = 0;
    return new Mirror(new Names(k)).read({ next: () => all[at++]! }, fields);
  };
  const NO_KEYS = [4, 0x0022_005b, 0x005d_0022]; // [""]

  /** Two numbers, for what it knows before `between` and behind it. */
  const known = (words: () => readonly number[], between: () => void, fields = 0): number[] => {
    const mirror = new Mirror(new Names(k));
    const all: number[] = [];
    for (const change of [(): void => {}, between]) {
      change();
      const told = words();
      let at = -1;
      mirror.read({ next: () => (at++ < 0 ? told.length : told[at - 1]!) }, fields);
      all.push(mirror.known);
    }
    return all;
  };

  test('holds what it wrote to whatever it comes at from what it keeps, and to nothing else', () => {
    const page = allocPage(k);
    const data = allocSkb(k, 64, false);
    k.fillPageDesc(data, page, 0, 10);
    const slots: [string, () => void][] = [
      ['of a packet', () => (data.loan = loan)],
      ['of its data', () => (data.shinfo.loan = loan)],
      ['of an entry', () => (data.shinfo.frags[0]!.loan = loan)],
      ['of a page', () => (page.loan = loan)],
      ['which is a flag', () => (data.shinfo.managed = true)],
    ];
    for (const [slot, writes] of slots) {
      const [before, behind] = known(() => [Tag.SKB, data.slot, -1], writes);
      expect(behind, slot).not.toBe(before);
    }
    const [before, behind] = known(
      () => [Tag.SKB, skb.slot, -1],
      () => (data.cb = loan),
    );
    expect(behind).toBe(before);
  });

  test('holds which pages stand there, which a service changes', () => {
    const data = allocSkb(k, 64, false);
    k.fillPageDesc(data, allocPage(k), 0, 10);
    const [before, behind] = known(
      () => [Tag.SKB, data.slot, -1],
      () => k.copyUbufs(data),
    );
    expect(behind).not.toBe(before);
  });

  test('holds values of its fields for what it comes at, and for what it comes at from these', () => {
    const [one, two] = [k.loans.alloc(), k.loans.alloc()];
    let value = 0;
    const set = (): number[] => [0, Tag.LOAN, two.slot, Tag.INTEGER, value];
    const change = (): number => value++;
    const kept = known(() => [Tag.LOAN, two.slot, ...set(), -1], change, 1);
    expect(kept[1]).not.toBe(kept[0]);
    const other = known(() => [Tag.LOAN, one.slot, ...set(), -1], change, 1);
    expect(other[1]).toBe(other[0]);
    const leads = [0, Tag.LOAN, one.slot, Tag.LOAN, two.slot];
    const behind = known(() => [Tag.LOAN, one.slot, ...leads, ...set(), -1], change, 1);
    expect(behind[1]).not.toBe(behind[0]);
    // a list that stands at two of them comes once
    const list = (): number[] => [0, Tag.LOAN, one.slot, Tag.LIST, 1, Tag.INTEGER, value];
    const again = [0, Tag.LOAN, two.slot, Tag.AGAIN, 0];
    const shared = known(() => [Tag.LOAN, two.slot, ...list(), ...again, -1], change, 1);
    expect(shared[1]).not.toBe(shared[0]);
  });

  test('is what they say', () => {
    expect(read([Tag.INTEGER, 7, -1]).design).toBe(7);
    expect(read([Tag.LIST, 3, Tag.NULL, Tag.TRUE, Tag.FALSE, -1]).design).toEqual([
      null,
      true,
      false,
    ]);
    expect(read([Tag.LIST, 1, Tag.AGAIN, 0, -1]).design).toSatisfy(
      (list: unknown[]) => list[0] === list,
    );
    expect(read([Tag.MAP, 2, Tag.INTEGER, 1, Tag.INTEGER, 2, -1]).design).toEqual(
      new Map([[1, 2]]),
    );
    expect(read([Tag.SET, 2, Tag.INTEGER, 1, Tag.INTEGER, 2, -1]).design).toEqual(new Set([1, 2]));
    expect(read([Tag.LOAN, loan.slot, -1]).design).toBe(loan);
    expect(read([Tag.SKB, skb.slot, -1]).design).toBe(skb);
    expect(read([Tag.SHINFO, skb.shinfo.slot, -1]).design).toBe(skb.shinfo);
    expect(read([Tag.FRAG, skb.shinfo.slot, 2, -1]).design).toBe(skb.shinfo.frags[2]);
    expect(read([Tag.LIFE, Tag.NULL, -1]).design).toEqual({ life: null });
    expect(read([Tag.HELD, 3, Tag.INTEGER, 4, -1]).design).toEqual({ held: 3, what: 4 });
    expect(read([Tag.RECORD, 0, ...NO_KEYS, 0, -1]).design).toHaveProperty('\0kind');
    const { fields } = read([Tag.NULL, 0, Tag.LOAN, loan.slot, Tag.INTEGER, 5, -1], 1);
    expect(fields[0]!.get(loan)).toBe(5);
  });

  test.each<[string, number[], number?]>([
    ['what it remembers breaks off', [Tag.INTEGER]],
    ['what it remembers breaks off', [Tag.INTEGER, 7]],
    ['what it remembers breaks off', []],
    ['it remembers what never came', [Tag.AGAIN, 0, -1]],
    ['it remembers what never came', [Tag.LIST, 1, Tag.AGAIN, -1, -1]],
    ['it remembers what never came', [Tag.LIST, 1, Tag.AGAIN, 1, -1]],
    ['a list that it remembers has no end', [Tag.LIST, -1, -1]],
    ['a list that it remembers has no end', [Tag.LIST, 4, -1]],
    ['a text that it remembers has no end', [Tag.TEXT, -1, -1]],
    ['it remembers something that is not of this machine', [Tag.LOAN, 99, -1]],
    ['it remembers something that is not of this machine', [Tag.SOCK, 0, -1]],
    ['it remembers something that is not of this machine', [99, 0, -1]],
    ['it remembers fields that have no names', [Tag.RECORD, 1, 0, -1]],
    ['the names of its fields are no list', [Tag.RECORD, 0, 1, 0x7b, 0, -1]],
    ['the names of its fields are no list', [Tag.RECORD, 0, 2, 0x005d_005b, 0, -1]],
    ['it remembers a field that has no name', [Tag.RECORD, 0, ...NO_KEYS, 1, 0, -1]],
    ['it added a field to nothing', [Tag.NULL, 0, Tag.LOAN, 0, Tag.NULL, -1], 0],
    ['it added a field to nothing', [Tag.NULL, 0, Tag.NULL, Tag.NULL, -1], 1],
    ['it added a field to nothing', [Tag.NULL, 0, Tag.INTEGER, 3, Tag.NULL, -1], 1],
    ['it added a field to nothing', [Tag.NULL, 0, Tag.LIST, 0, Tag.NULL, -1], 1],
  ])('is none: %s, %j', (why, words, fields = 1) => {
    expect(wrong(() => read(words, fields))).toContain(`seam: ${why}`);
  });

  test('has an end, and does not hang too deep', () => {
    const deep = Array.from({ length: 2001 }, () => [Tag.LIST, 1]).flat();
    expect(wrong(() => read(deep))).toContain('what it remembers hangs too deep');
    const flat = [Tag.LIST, 3000, ...Array.from({ length: 3000 }, () => Tag.NULL), -1];
    expect((read(flat).design as unknown[]).length).toBe(3000);
    for (const length of [-1, CONTENTS_MAX + 1])
      expect(wrong(() => new Mirror(new Names(k)).read({ next: () => length }, 0))).toContain(
        'what it remembers has no end',
      );
  });
});

describe('what all machines share', () => {
  test.each<[string, unknown]>([
    ['Map', new Map()],
    ['Set', new Set()],
    ['Date', new Date(0)],
    ['ArrayBuffer', new ArrayBuffer(1)],
    ['Uint8Array', new Uint8Array(1)],
    ['DataView', new DataView(new ArrayBuffer(1))],
  ])('may be no %s', (kind, what) => {
    expect(wrong(() => share({ table: { what } }))).toBe(
      `state: what is a ${kind}, which all machines share and can change`,
    );
  });

  test('is frozen, with all that hangs below it, and what all know stays open', () => {
    class Up {
      go(): void {}
    }
    class Down extends Up {
      get n(): number {
        return 1;
      }
    }
    const list = [{ a: 1 }];
    share({ Down, list, POISON_SHINFO });
    const methods = [Down.prototype, Up.prototype].flatMap((kind) =>
      Object.values(Object.getOwnPropertyDescriptors(kind)).map(
        (field) => (field['get'] ?? field['value']) as object,
      ),
    );
    for (const o of [Down, Up, Down.prototype, Up.prototype, list, list[0]!, ...methods]) {
      expect(Object.isFrozen(o)).toBe(true);
      expect(isShared(o)).toBe(true);
    }
    expect(Object.isFrozen(POISON_SHINFO)).toBe(false);
    expect(isShared({})).toBe(false);
  });

  test('is named where somebody writes to it', () => {
    const said = (message: string, stack: unknown, error: Error = new TypeError(message)) =>
      sharedWritten(Object.assign(error, { stack }), 'mine.ts');
    const mine = `TypeError\n    at Mine.lend (mine.ts:1:2)`;
    const frozen = "Cannot assign to read only property 'n' of object '#<Object>'";
    expect(said(frozen, mine)).toBe('n');
    expect(said('Cannot add property m, object is not extensible', mine)).toBe('m');
    expect(said("Cannot delete property 'q' of #<Object>", mine)).toBe('q');
    expect(said(frozen, 'TypeError\n    at ours (kernel.ts:1:2)')).toBeNull();
    expect(said(frozen, 'TypeError\n    at a (<anonymous>)\n    at b (mine.ts:1:2)')).toBe('n');
    expect(said(frozen, 7)).toBeNull();
    expect(said('x is not a function', mine)).toBeNull();
    expect(said(frozen, mine, new Error(frozen))).toBeNull();
    expect(said("Cannot assign to read only property 'push' of 'root.%ArrayPrototype%'", 'x')).toBe(
      'push',
    );
    expect(sharedWritten(null, 'mine.ts')).toBeNull();
  });
});

describe('a field that it added', () => {
  const k = bareKernel({ era: '3.8' });
  const names = new Names(k);
  const page = allocPage(k);
  const skb = allocSkb(k, 64, false);
  const loan = k.loans.alloc();
  const kinds: Readonly<Record<string, SlabObject>> = { page, skb, shinfo: skb.shinfo, loan };

  test.each(Object.entries(kinds))('to a %s is kept while that is alive, and is told', (_, o) => {
    const field = k.sideField<SlabObject, number>() as SideField<SlabObject, unknown>;
    field.set(o, 5);
    clearOver(names, field);
    expect(field.get(o)).toBe(5);
    const contents = new Contents(k, names);
    contents.take([], [field]);
    const told = contents.words.slice();
    field.set(o, 6);
    contents.take([], [field]);
    expect(contents.words).not.toEqual(told);
    o.live = false;
    contents.take([], [field]);
    const none = contents.words.length;
    expect(none).toBeLessThan(told.length);
    clearOver(names, field);
    o.live = true;
    expect(field.get(o)).toBeUndefined();
    field.set(o, 7);
    field['gens'].push(1, 2, 3);
    clearOver(names, field);
    expect(field['gens'].length).toBe(field['values'].length);
    k.sideFields.length = 0;
  });

  test('may not have more than values, nor a Life of what is over', () => {
    const field = k.sideField<SlabObject, number>() as SideField<SlabObject, unknown>;
    field.set(loan, 1);
    Object.assign(field['gens'], { n: 1 });
    expect(wrong(() => new Contents(k, names).take([], [field]))).toContain('a field of a list');
    k.sideFields.length = 0;
    expect(new Life(loan).over).toBe(false);
  });
});
