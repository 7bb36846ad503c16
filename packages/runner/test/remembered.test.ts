// What a candidate remembers, as the process that judges gets it: two states that its code can tell apart are two there as
// well, or it is refused by name. Each pair was once taken for one state by somebody who tried.
import {
  Ledger,
  Life,
  Page,
  SideField,
  Site,
  Sock,
  allocPage,
  allocSkb,
  kfreeSkb,
  skbClone,
  type Loan,
} from '@lastref/kernel';
import { MachineFingerprint } from '@lastref/search';
import { expect, test } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { Broken } from '../src/candidates/rules.ts';
import { CheckedCalls, CheckedServices, hand } from '../src/candidates/services.ts';
import { share } from '../src/candidates/shared.ts';
import { Contents } from '../src/tape/contents.ts';
import { knowPlaces } from '../src/tape/entries.ts';
import { SEAM } from '../src/tape/lives.ts';
import { Mirror } from '../src/tape/mirror.ts';
import { Names } from '../src/tape/names.ts';
import { RecordedField } from '../src/tape/recorded-field.ts';

class Good {
  bad(): boolean {
    return false;
  }
}
class Bad extends Good {
  override bad(): boolean {
    return true;
  }
}
class Other extends SEAM.Life<Loan> {}
class Sorted extends Array<number> {}
class Sums extends Uint8Array {}
const ONE = {};
const OTHER = {};
/** Two of them do the same. */
const made = (): new () => object =>
  class {
    a = 1;
  };
const [Free, Busy] = [made(), made()];
share({ Good, Bad, ONE, OTHER, Free, Busy, Sums });

const k = bareKernel({ era: '3.8' });

/**
 * In its buffer eight bytes are in front of it, which it comes at by the getter of the language, and fields of its class say that
 * it is four bytes of another one.
 */
function lying(): Uint8Array {
  const said = { buffer: new ArrayBuffer(4), byteOffset: 0, byteLength: 4, length: 4 };
  const fields = Object.entries(said).map(([name, value]) => [name, { value, enumerable: true }]);
  const of = new Uint8Array(new ArrayBuffer(8), 8, 0);
  return Object.defineProperties(of, Object.fromEntries(fields) as PropertyDescriptorMap);
}

/** All that is said of a design that keeps this; a text: why it is refused. */
function said(kept: unknown): string {
  const contents = new Contents(k, new Names(k));
  try {
    contents.take({ kept }, []);
    return contents.words.join(' ');
  } catch (error) {
    if (error instanceof Broken) return `refused: ${error.message}`;
    throw error;
  }
}

/** The state of a design that keeps this, as who judges sees it; a text: why it is refused. */
function seen(kept: unknown): string {
  const names = new Names(k);
  const contents = new Contents(k, names);
  try {
    contents.take({ kept }, []);
  } catch (error) {
    if (error instanceof Broken) return `refused: ${error.message}`;
    throw error;
  }
  const words = [contents.words.length, ...contents.words];
  let at = 0;
  const { design } = new Mirror(names).read({ next: () => words[at++]! }, 0);
  const print = new MachineFingerprint();
  print.design(design);
  return `${print.lo} ${print.hi}`;
}

test.each<[string, unknown, unknown]>([
  ['a text longer than those of a card', 'x'.repeat(70_000), `${'x'.repeat(69_999)}y`],
  ['a map with very much', new Map(many(0)), new Map(many(1))],
])('%s is told, and one that differs a little', (_, one, other) => {
  expect(known(one)).not.toBe(known(other));
  expect(known(one)).toBe(known(one));
  expect(seen(one)).not.toBe(seen(other));
});

/** As many entries as a search can tell apart, the last of which is `last`. */
function many(last: number): (readonly [number, number])[] {
  return Array.from({ length: 260_000 }, (_, i) => [i, i === 259_999 ? last : 0]);
}

/** Of one machine all that it may know, in the order in which it was asked. */
const asked = new Names(k);
const contents = new Contents(k, asked);
const mirror = new Mirror(asked);

/** What a design that keeps this knows, as a number. */
function known(kept: unknown): number {
  contents.take({ kept }, []);
  const words = [contents.words.length, ...contents.words];
  let at = 0;
  mirror.read({ next: () => words[at++]! }, 0);
  return mirror.known;
}

const calls = hand(new CheckedCalls({} as never));
const half = (flag: number): Uint8Array => Uint8Array.of(0, 0, 0, flag).subarray(0, 1);
const flagged = (flag: number): Uint8Array => Object.assign(new Uint8Array(1), { flag });

test.each<[string, unknown, unknown]>([
  ['0 and -0', [0], [-0]],
  ['fractions and the words that stand for them', [0.5, 7], [0, 1.53834333537e-313]],
  ['names of fields with one sum of 32 bits', { glbvs: 1 }, { yacxa: 1 }],
  ['classes behind a field called constructor', called(new Good()), called(new Bad())],
  ['a record and one without a prototype', {}, Object.create(null)],
  ['a record and one that is frozen', {}, Object.freeze({})],
  ['one that is sealed and one that is frozen', Object.seal([1]), Object.freeze([1])],
  ['what a set has', new Set([1]), new Set([2])],
  ['what a map has', new Map([[1, 2]]), new Map([[1, 3]])],
  ['a hole', [undefined], emptied()],
  ['kinds of numbers', new Uint8Array([7]), new Int8Array([7])],
  ['big numbers in an array', BigInt64Array.of(2n ** 53n), BigInt64Array.of(2n ** 53n + 1n)],
  ['a text of a big number', 1n, { big: '1' }],
  ['the calls and the era', calls, k.era],
  [
    'the calls twice, and another one',
    [calls, calls],
    [calls, hand(new CheckedCalls({} as never))],
  ],
  ['one constant and another that is alike', ONE, OTHER],
  ['objects of two classes that are alike', new Free(), new Busy()],
  ['one life in two places, and two lives of one', twice(true), twice(false)],
  ['the services and the calls', hand(new CheckedServices(k)), calls],
])('%s', (_, one, other) => {
  expect(seen(one)).not.toBe(seen(other));
});

test.each<[string, unknown, string]>([
  ['a part of a buffer', half(1), 'a Uint8Array that is a part of a buffer'],
  ['a field of an array of numbers', flagged(1), 'a field of a Uint8Array'],
  ['two views of one buffer', two(), 'two views of one buffer'],
  [
    'numbers of a class that says it has others',
    lying(),
    'a Uint8Array that is a part of a buffer',
  ],
  ['numbers of a class of its own', new Sums(4), 'a class that extends Uint8Array'],
  ['a list of a class of its own', Sorted.of(1), 'a class that extends Array, Map or Set'],
  ['a SideField that no service made', new SideField(), 'a SideField of its own'],
  [
    'an object whose prototype is that of no class',
    Object.create({ bad: () => true }),
    'an object whose prototype is that of no class',
  ],
  ['calls of its own', new CheckedCalls({ count: 1 } as never), 'what it calls the kernel by'],
  ['services of services', new CheckedServices(hand(new CheckedServices(k))), 'what it calls'],
  ['a Life that shows what it holds', new Life(k.loans.alloc()), 'a Life that'],
  ['a Life that it made up', Object.create(SEAM.Life.prototype), 'a Life that'],
  ['a Life of a class of its own', new Other(k.loans.alloc()), 'a Life that'],
  ['a Life with a field', Object.assign(new SEAM.Life(k.loans.alloc()), { n: 7 }), 'a Life that'],
  ['a Life that is frozen', Object.freeze(new SEAM.Life(k.loans.alloc())), 'a Life that'],
  ['a socket that it made itself', Object.assign(new Sock(), { n: 1 }), 'a Sock that no hook'],
  ['a NaN', [NaN], 'a NaN, which has bits of its own'],
  ['a NaN among numbers', Float32Array.of(0, NaN), 'a NaN of a Float32Array, which has bits'],
  ['a field of a buffer', fielded(), 'the buffer of a Uint8Array'],
  ['numbers that may become more', growing(), 'a Uint8Array that can grow'],
  ['a number in a box', boxed(Object(1)), 'an object of the language that has a value'],
  ['a moment that looks like a record', boxed(new Date(1)), 'an object of the language that has'],
  ['statistics of its own', new Ledger(), 'an object of the machine that it made itself (Ledger)'],
  ['a Life of its own record', new SEAM.Life({ slot: 0, gen: 1 } as never), 'a Life of what'],
  [
    'a place 07 of a list',
    Object.assign([1], { '07': 1 }),
    'a field of a list, a map or a set (07)',
  ],
  [
    'a field that may not be written',
    Object.defineProperty({ a: 1 }, 'a', { writable: false }),
    'what may be done with a field (a)',
  ],
  [
    'a field that may not be deleted',
    Object.defineProperty({ a: 1 }, 'a', { configurable: false }),
    'what may be done with a field (a)',
  ],
  [
    'a list that may not become longer',
    Object.defineProperty([1], 'length', { writable: false }),
    'what may be done with a field (length)',
  ],
])('%s is refused', (_, kept, why) => {
  expect(seen(kept)).toContain(`refused: it keeps state in ${why}`);
});

test.each<[string, object, (o: object) => unknown]>([
  ['a record that is sealed', Object.seal({ a: 1 }), Object.freeze],
  ['an array of numbers', new Uint8Array(2), Object.preventExtensions],
  ['a list', [1], Object.seal],
  ['a map', new Map(), Object.preventExtensions],
])('what may be done with %s stays as it was when it was looked at first', (_, o, hold) => {
  const contents = new Contents(k, new Names(k));
  for (let n = 0; n < 2; n++) contents.take({ o }, []);
  hold(o);
  expect(() => contents.take({ o }, [])).toThrow('an object that is frozen while it is kept');
  expect(() => new Contents(k, new Names(k)).take({ o }, [])).not.toThrow();
});

/** Two pointers that are kept with the life of one loan. */
function twice(same: boolean): unknown[] {
  const loan = k.loans.alloc();
  const life = new SEAM.Life(loan);
  return [loan, life, same ? life : new SEAM.Life(loan)];
}

/** Under the prototype of a record. */
function boxed(o: unknown): unknown {
  return Object.setPrototypeOf(o, Object.prototype);
}

function fielded(): Uint8Array {
  const numbers = new Uint8Array(1);
  Object.assign(numbers.buffer, { n: 1 });
  return numbers;
}

function growing(): Uint8Array {
  const Buffer = ArrayBuffer as new (size: number, options: object) => ArrayBuffer;
  return new Uint8Array(new Buffer(1, { maxByteLength: 2 }));
}

/** With a field called `constructor`. */
function called(o: object): object {
  const field = { value: 0, writable: true, enumerable: true, configurable: true };
  return Object.defineProperty(o, 'constructor', field);
}

/** A list with a place where nothing is. */
function emptied(): unknown[] {
  const list: unknown[] = [];
  list.length = 1;
  return list;
}

function two(): Uint8Array[] {
  const { buffer } = new Uint8Array(1);
  return [new Uint8Array(buffer), new Uint8Array(buffer)];
}

test.each<[string, (n: number) => object]>([
  [
    'a class',
    (n) =>
      new (class {
        bad = (): number => n;
      })(),
  ],
  ['a function that stands for a class', (n) => Object.create(madeOf(() => n)) as object],
  ['what a function is bound to', (n) => Object.create(madeOf(Number.prototype.valueOf.bind(n)))],
])('state in %s that was made while it ran is refused', (_, make) => {
  expect(seen(make(1))).toContain('refused: it keeps state in an object of a class that was made');
});

/** A prototype whose method is `constructor`. */
function madeOf(constructor: Function & { prototype?: object }): object {
  constructor.prototype = { constructor };
  return constructor.prototype;
}

test('what nobody can put on the calls cannot be kept there', () => {
  expect(() => Object.assign(calls, { flag: 1 })).toThrow('not extensible');
});

test('a field is of one kind of struct: which one is no state', () => {
  const field = new RecordedField<Loan | Page, number>({
    lookedAt: () => {},
    told: (_, __, value) => value,
    mustBeOfMachine: () => {},
    forgetOver: () => {},
  });
  const loan = k.loans.alloc();
  field.set(loan, 1);
  expect(field.get(Object.assign(new Page(), { slot: loan.slot, gen: loan.gen }))).toBeUndefined();
  expect(() => field.set(allocPage(k), 1)).toThrow('it gave a SideField to two kinds of structs');
  expect(field.get(loan)).toBe(1);
});

test('fields that it added are told apart, though nothing of them shows', () => {
  const services = new CheckedServices(k);
  const both = [services.sideField(), services.sideField()];
  const contents = new Contents(k, new Names(k));
  const of = (kept: unknown): string => {
    contents.take({ kept }, k.sideFields.slice(-2));
    return contents.words.join(' ');
  };
  expect(of(both)).not.toBe(of(both.toReversed()));
});

test('a pointer to what was freed is refused: what stands there is no state', () => {
  const loan = k.loans.alloc();
  expect(seen(loan)).not.toContain('refused');
  k.loans.free(loan);
  expect(seen(loan)).toContain('refused: it keeps a pointer to a Loan that was freed');
});

test('an entry of a packet is known by its data and its place there, as long as it is one of its entries', () => {
  const skb = allocSkb(k, 128, false);
  knowPlaces(skb.shinfo); // as of all that a closed machine makes
  const first = k.fillPageDesc(skb, allocPage(k), 0, 1);
  const second = k.fillPageDesc(skb, allocPage(k), 0, 1);
  expect(said(first)).not.toContain('refused');
  expect(said(first)).not.toBe(said(second));
  skb.shinfo.nrFrags = 1; // the second was cut off
  expect(said(first)).not.toContain('refused');
  expect(said(second)).toContain('refused: it keeps a pointer to a SkbFrag that was freed');
  skb.shinfo.nrFrags = 0;
  const { frags } = skb.shinfo;
  kfreeSkb(k, skb);
  expect(said(frags[0])).toContain('refused: it keeps a pointer to a SkbFrag that was freed');
});

test('a life as the seam makes it may be over', () => {
  const loan = k.loans.alloc();
  const life = new SEAM.Life(loan);
  const alive = seen(life);
  k.loans.free(loan);
  expect(seen(life)).not.toContain('refused');
  expect(seen(life)).not.toBe(alive);
});

test('a packet that is freed before its clone has a life that goes on: who keeps that does as he is told', () => {
  const orig = allocSkb(k, 128, true);
  const clone = skbClone(k, orig, Site.TAP);
  const life = new SEAM.Life(orig);
  const alive = said(life);
  kfreeSkb(k, orig);
  expect([orig.live, life.over]).toEqual([false, false]);
  expect(said(life)).toBe(alive);
  expect(said(life)).not.toBe(said(new SEAM.Life(clone)));
  expect(seen(life)).not.toContain('refused');
  expect(seen(orig)).toContain('refused: it keeps a pointer to a SkBuff that was freed');
  kfreeSkb(k, clone);
  expect(life.over).toBe(true);
  expect(said(life)).not.toBe(alive);
});

test('the socket of a packet is as good as one that a hook was given', () => {
  const names = new Names(k);
  const contents = new Contents(k, names);
  const skb = allocSkb(k, 128, false);
  const sk = Object.assign(new Sock(), { slot: 3 });
  const take = (): void => contents.take({ sk }, []);
  expect(take).toThrow('a Sock that no hook was given');
  skb.sk = sk;
  names.said('skb', skb);
  expect(take).not.toThrow();
  expect(names.sock(3)).toBe(sk);
  skb.sk = null;
});

test('of a life that is over nobody sees whose it was', () => {
  const [one, other] = [k.loans.alloc(), k.loans.alloc()];
  const lives = [new SEAM.Life(one), new SEAM.Life(other)] as const;
  expect(lives.map((life) => life.is(one))).toEqual([true, false]);
  for (const loan of [one, other]) k.loans.free(loan);
  expect(seen(lives[0])).toBe(seen(lives[1]));
  expect(lives.map((life) => [life.over, life.is(one), Reflect.ownKeys(life)])).toEqual([
    [true, false, []],
    [true, false, []],
  ]);
});

test('what is alike is one state, whoever made it', () => {
  const make = () => ({ a: [1, 0.5, 'x'], b: new Map([[1, new Good()]]), c: Uint8Array.of(1, 2) });
  expect(seen(make())).toBe(seen(make()));
});
