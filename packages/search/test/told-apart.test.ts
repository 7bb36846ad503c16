// What a design knows is state by what is in it: values that a design could tell apart are two states, and equal ones,
// whichever objects they are, are one.
import { GetPutPage, SkBuff, TcpSock, type Design } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Cell, MachineFingerprint, classText, tellApart } from '../src/index.ts';
import { inputOf } from './cells.ts';

class Keeps extends GetPutPage {
  kept: unknown = null;
}

class One {
  a = 1;
}
class Two {
  a = 1;

  method(): number {
    return this.a;
  }
}
class Three extends Two {}
/** Two of them do the same. */
const made = (): new () => object =>
  class {
    a = 1;
  };
const [Free, Busy] = [made(), made()];
class Four extends One {}
/** Its text says nothing of what it extends. */
const above = (Kind: new () => object): new () => object => class extends Kind {};

const design: Design = { ...naive, id: 'keeps', create: (k) => new Keeps(k) };
const cell = new Cell(inputOf(design, 'loopback-slow-reader'));

/** The state of a machine whose design keeps `value`, by a walk that has seen it before and by one that has not. */
function stateWith(value: unknown, spent = 0): string {
  (cell.k.lifetime as Keeps).kept = value;
  const print = new MachineFingerprint();
  print.of(cell, spent);
  const first = `${print.hi} ${print.lo}`;
  print.of(cell, spent);
  expect(`${print.hi} ${print.lo}`).toBe(first);
  return first;
}

/** A list with a place where nothing is. */
function emptied(): unknown[] {
  const list: unknown[] = [];
  list.length = 1;
  return list;
}

const again = new One();
const STATES = { free: {}, busy: {}, made: [new One(), new One()] };
const [MAP, SET] = [new Map([[[], []]]), new Set([[]])];
tellApart([STATES, MAP, 7, SET, Free, Busy]);

test.each<[string, unknown, unknown]>([
  ['two numbers', 1, 2],
  ['a number and its text', 1, '1'],
  ['a number and a big one', 1, 1n],
  ['two big ones', 1n, 2n],
  ['fractions', 0.5, 0.25],
  ['a fraction and its whole part', 1.5, 1],
  ['numbers that agree in 32 bits', 2 ** 40, 2 ** 41],
  ['no number and zero', NaN, 0],
  ['0 and -0', 0, -0],
  ['0 and -0 in a list', [0], [-0]],
  ['fractions and the numbers that their halves are', [0.5, 7], [0, 1.53834333537e-313]],
  ['names with one sum of 32 bits', { glbvs: 1 }, { yacxa: 1 }],
  [
    'classes behind a field called constructor',
    Object.assign(new One(), { constructor: 0 }),
    Object.assign(new Two(), { constructor: 0 }),
  ],
  ['a record and one without a prototype', {}, Object.create(null)],
  ['a record and one that is frozen', {}, Object.freeze({})],
  ['a list that may not grow and one that may not change', Object.seal([1]), Object.freeze([1])],
  ['nothing at a place, and what is not there', Array(1).fill(undefined), emptied()],
  ['kinds of numbers', Uint8Array.of(7), Int8Array.of(7)],
  ['false and zero', false, 0],
  ['false and true', false, true],
  ['nothing and what is not there', null, undefined],
  ['nothing and the number that stands for it', null, 0x6e756c6c],
  ['true and the number that stands for it', true, 0x74727565],
  ['what is not there and the number that stands for it', undefined, 0x756e6465],
  ['two texts', 'ab', 'ba'],
  ['texts that meet in one', ['a', 'b'], ['ab', '']],
  ['a text and a longer one', 'a', 'a\0'],
  ['a list and a longer one', [1], [1, 0]],
  ['an empty list and an empty record', [], {}],
  ['an empty list and an empty set', [], new Set()],
  ['an empty set and an empty map', new Set(), new Map()],
  ['lists in another order', [1, 2], [2, 1]],
  ['lists within lists', [[1], [2]], [[1, 2]]],
  ['a list and a set', [1, 2], new Set([1, 2])],
  ['a list and numbers', [1, 2], Int32Array.of(1, 2)],
  ['numbers', Int32Array.of(1, 2), Int32Array.of(2, 1)],
  ['more numbers', Int32Array.of(1), Int32Array.of(1, 0)],
  ['sets', new Set([1]), new Set([2])],
  ['sets that somebody goes through', new Set([1, 2]), new Set([2, 1])],
  ['keys of a map', new Map([[1, 3]]), new Map([[2, 3]])],
  ['values of a map', new Map([[3, 1]]), new Map([[3, 2]])],
  ['keys and values of a map', new Map([[1, 2]]), new Map([[2, 1]])],
  ['a map and a record', new Map([['a', 1]]), { a: 1 }],
  ['names of a field', { a: 1 }, { b: 1 }],
  ['values of a field', { a: 1 }, { a: 2 }],
  ['a field that is there and empty, and one that is not', { a: 1, b: undefined }, { a: 1 }],
  ['objects of two classes', new One(), new Two()],
  ['an object and a record', new One(), { a: 1 }],
  ['objects whose classes extend two others', new Four(), new Three()],
  [
    'objects of two classes that differ in what they extend',
    new (above(One))(),
    new (above(made()))(),
  ],
  ['one object twice and two that are equal', [again, again], [again, new One()]],
  ['a way back and none', loop(1), loop(2)],
  ['two constants that are alike', STATES.free, STATES.busy],
  ['objects of two classes that are alike', new Free(), new Busy()],
  ['a constant and what is alike', STATES.free, {}],
  ['two constants of a class', STATES.made[0], STATES.made[1]],
  ['the key and the value of a constant', [...MAP.keys()][0], [...MAP.values()][0]],
  ['what stands in a set and what does not', [...SET][0], []],
])('%s are two states', (_, one, other) => {
  expect(stateWith(one)).not.toBe(stateWith(other));
});

/** A ring of `n` lists. */
function loop(n: number): unknown[] {
  const first: unknown[] = [];
  let last = first;
  for (let i = 1; i < n; i++) last.push((last = []));
  last.push(first);
  return first;
}

test.each<[string, () => unknown]>([
  ['numbers, texts and nothing', () => [1, -0.5, 1n, 'a', true, null, undefined]],
  ['lists and records', () => ({ a: [1, { b: [] }], c: {} })],
  ['maps and sets', () => new Map([[new Set([1]), new Map([[{ a: 1 }, [2]]])]])],
  ['numbers', () => [Int32Array.of(1, -2), Uint8Array.of(3), Float64Array.of(0.5)]],
  ['objects', () => [new One(), new Three()]],
  ['rings', () => loop(3)],
])('equal %s are one state', (_, make) => {
  expect(stateWith(make())).toBe(stateWith(make()));
});

test('names that nobody has ever met are told apart, by each of their letters and by how many these are', () => {
  const anew = process.hrtime.bigint().toString(36); // what a name comes to is remembered
  const names = ['ab', 'ba', 'aa', 'b', '', 'a', 'bb', 'aab'].map((end) => `${anew}${end}`);
  expect(new Set(names.map((name) => stateWith({ [name]: 1 }))).size).toBe(names.length);
  expect(stateWith({ [names[0]!]: 1 })).toBe(stateWith({ [names[0]!]: 1 }));
});

test('what a run has spent is state', () => {
  expect(stateWith(1, 1)).not.toBe(stateWith(1, 2));
});

test('a class is known by what it does, and by what those do that it extends', () => {
  const kinds = [One, Two, Three, Four].map(classText);
  expect(new Set(kinds).size).toBe(4);
  expect(classText(One)).toBe(kinds[0]);
});

test.each<[string, unknown]>([
  ['a part of a buffer', Uint8Array.of(1, 2).subarray(0, 1)],
  ['a field of', Object.assign(new Uint8Array(1), { flag: 1 })],
])('%s an array of numbers is refused by name', (what, kept) => {
  expect(() => stateWith(kept)).toThrow(what);
});

describe('of the machine', () => {
  /** Data is on its way: several packets wait in one queue, whose pages are lent. */
  function sending(): { sent: Cell; sk: TcpSock; look: () => string } {
    const sent = new Cell({
      ...inputOf(naive, 'bulk-loss'),
      workload: workloadCalled('bulk-loss')!,
    });
    const sk = (): TcpSock | undefined =>
      sent.k.holders.find((h): h is TcpSock => h instanceof TcpSock && h.writeQueue.qlen > 2);
    for (let n = 0; n < 200 && sk() === undefined; n++) sent.clock();
    const print = new MachineFingerprint();
    const look = (): string => {
      print.of(sent, 0);
      return `${print.hi} ${print.lo}`;
    };
    return { sent, sk: sk()!, look };
  }

  test('a packet that waits behind others is state, and so is the number of those', () => {
    const { sk, look } = sending();
    const before = look();
    const { last } = sk.writeQueue;
    last!.seq++;
    const changed = look();
    last!.seq--;
    expect([look(), changed === before]).toEqual([before, false]);
    last!.prev!.next = null;
    expect(look()).not.toBe(before);
  });

  test('a queue may be longer than any stack', () => {
    const { sk, look } = sending();
    const before = look();
    let { last } = sk.writeQueue;
    for (let n = 0; n < 30_000; n++)
      last = last!.next = Object.assign(new SkBuff(), { live: true });
    const long = look();
    expect(long).not.toBe(before);
    last!.seq++; // the last of them
    expect(look()).not.toBe(long);
  });

  test('so is each byte that somebody can read', () => {
    const { sk, sent, look } = sending();
    const { page } = sk.writeQueue.last!.shinfo.frags[0]!;
    const before = look();
    for (const at of [1, 100, 4095]) {
      sent.k.mem[page.address + at]! ^= 1;
      expect(look(), `byte ${at}`).not.toBe(before);
      sent.k.mem[page.address + at]! ^= 1;
      expect(look()).toBe(before);
    }
  });
});
