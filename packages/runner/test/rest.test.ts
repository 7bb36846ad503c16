// Two machines that did the same have one sum over everything that hangs below them; whoever writes to one of them, where
// no search looks, makes another one of it.
import {
  POISON_SHINFO,
  SideField,
  SkBuff,
  allocPage,
  allocSkb,
  putPage,
  type Kernel,
} from '@lastref/kernel';
import { describe, expect, test, vi } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { Rest } from '../src/tape/rest.ts';
import { keySums } from '../src/tape/sums.ts';

const nobody = (): null => null;

/** A machine that has a page, after `change`: its sums by class. */
function sums(change: (k: Kernel) => void = () => undefined): ReadonlyMap<string, number> {
  const k = bareKernel({ era: '3.8' });
  allocPage(k);
  change(k);
  const rest = new Rest(k, 0, nobody);
  rest.take();
  return sumsOf(rest);
}

function sumsOf({ names, sums: all }: Rest): ReadonlyMap<string, number> {
  return new Map(names.map((name, n) => [name, all[n]!]));
}

/** Classes of which the sum is another one than that of a machine to which nobody wrote. */
function differing(change: (k: Kernel) => void): string[] {
  const before = sums();
  const after = sums(change);
  return [...after.keys()].filter((name) => after.get(name) !== before.get(name));
}

const open = (k: Kernel): Record<string, unknown> => k as unknown as Record<string, unknown>;

test('two machines that did the same have the same sums, and so has one that is asked twice', () => {
  expect([...sums()]).toEqual([...sums()]);
  const rest = new Rest(bareKernel(), 0, nobody);
  rest.take();
  const first = [...rest.sums];
  rest.take();
  expect(rest.sums).toEqual(first);
  expect(first.length).toBeGreaterThan(5);
});

test.each<[string, string, (k: Kernel) => void]>([
  ['a statistic', 'Kernel', (k) => k.refusals++],
  ['a field more', 'Kernel', (k) => (open(k)['more'] = undefined)],
  ['-0 for 0', 'Kernel', (k) => (k.refusals = -0)],
  ['a text', 'Slab', (k) => (open(k.pages as never)['name'] = 'pagf')],
  ['a flag', 'page', (k) => (k.pages.all[0]!.mapping = true)],
  ['null for undefined', 'page', (k) => (k.pages.all[0]!.loan = undefined as never)],
  ['one object for another', 'Kernel', (k) => (open(k)['cost'] = k.ledger.counts.slice())],
  ['a symbol', 'page', (k) => Object.assign(k.pages.all[0]!, { [Symbol('n')]: 1 })],
  ['a page that nobody has', 'page', (k) => k.pages.free(k.pages.all[0]!)],
  ['a price', 'Float64Array', (k) => (k.ledger.counts[0] = 1)],
  ['the last byte of memory', 'the memory', (k) => (k.mem[k.mem.length - 1] = 1)],
  ['a place of a list', 'Array', (k) => (open(k)['zerocopyQueues'] as unknown[]).push(1)],
  ['the name of a field', 'Kernel', (k) => rename(open(k), 'refusals', 'refused')],
  ['a map', 'Map', (k) => (open(k)['more'] = new Map([[1, 2]]))],
  ['a set', 'Set', (k) => (open(k)['more'] = new Set([3]))],
  ['bytes of its own', 'Uint8Array', (k) => (open(k)['more'] = new Uint8Array(3))],
])('%s that is written', (_, name, change) => {
  expect(differing(change)).toContain(name);
});

/** Its fields stand as before, one of them by another name. */
function rename(o: Record<string, unknown>, from: string, to: string): void {
  for (const [key, value] of Object.entries(o)) {
    Reflect.deleteProperty(o, key);
    o[key === from ? to : key] = value;
  }
}

test('what a map, a set or an array of bytes holds is taken in', () => {
  const holding = (what: unknown): ReadonlyMap<string, number> =>
    sums((k) => (open(k)['more'] = what));
  expect(holding(new Map([[1, 2]])).get('Map')).not.toBe(holding(new Map([[1, 3]])).get('Map'));
  expect(holding(new Map([[1, 2]])).get('Map')).not.toBe(holding(new Map([[2, 2]])).get('Map'));
  expect(holding(new Set([1])).get('Set')).not.toBe(holding(new Set([2])).get('Set'));
  const bytes = (n: number) => holding(Uint8Array.of(0, 0, 0, 0, n)).get('Uint8Array');
  expect(bytes(1)).not.toBe(bytes(2));
  const part = (n: number) => holding(Uint8Array.of(0, n, 0).subarray(1)).get('Uint8Array');
  expect(part(1)).not.toBe(part(2));
});

class Host {
  wire = 0;
}

test('its class is taken in, and what stands there', () => {
  const of = (): number | undefined =>
    sums((k) => (open(k)['more'] = new Host())).get('a class or function');
  const before = of();
  Object.assign(Host, { n: 1 });
  const after = of();
  Reflect.deleteProperty(Host, 'n');
  expect(after).not.toBe(before);
  expect(of()).toBe(before);
  Object.assign(Host.prototype, { n: 1 });
  const above = sums((k) => (open(k)['more'] = new Host())).get('Host');
  Reflect.deleteProperty(Host.prototype, 'n');
  expect(above).not.toBe(sums((k) => (open(k)['more'] = new Host())).get('Host'));
});

test('what stands for the candidate, its card and the values of its fields are left out', () => {
  const stands = { n: 0 };
  const of = (): [string, number][] => {
    const k = bareKernel();
    open(k)['lifetime'] = stands;
    k.sideFields.push(Object.assign(new SideField(), stands) as never);
    const rest = new Rest(k, 0, () => stands);
    rest.take();
    return [...sumsOf(rest)];
  };
  const before = of();
  stands.n = 1;
  expect(of()).toEqual(before);
});

test('an accessor may say what it likes, so there may be none', () => {
  expect(() =>
    sums((k) => Object.defineProperty(k, 'refusals', { get: () => 0, configurable: true })),
  ).toThrow('it made an accessor of refusals of a Kernel');
});

/** A machine with a page, a packet and a free one of each, as the last walk found it; and what a glance then gives by class. */
function glanced(closely = false): { readonly k: Kernel; readonly glance: () => number[] } {
  const k = bareKernel({ era: '3.8' });
  putPage(k, [allocPage(k), allocPage(k), allocPage(k)][2]!);
  putPage(k, k.pages.all[1]!);
  allocSkb(k, 64, false);
  open(k)['more'] = { map: new Map([[{}, {}]]), set: new Set([1, 2]), record: {}, fun: bareKernel };
  const rest = new Rest(k, 0, nobody, closely);
  rest.take();
  rest.glance();
  return { k, glance: () => (rest.glance(), [...rest.sums]) };
}

const more = (k: Kernel): Record<string, unknown> => open(k)['more'] as never;

test.each<[string, (k: Kernel) => void]>([
  ['a statistic', (k) => k.refusals++],
  ['what nobody pays', (k) => k.ledger.counts[0]!++],
  ['a moment of the agenda', (k) => (open(k.agenda as never)['now'] = 7)],
  ['a byte of a page that somebody has', (k) => (k.mem[k.pages.all[0]!.address + 4095] = 1)],
  ['a byte behind the bytes of a packet', (k) => (k.mem[k.shinfos.all[0]!.end - 1] = 1)],
  ['a byte that nobody has', (k) => (k.mem[k.mem.length - 1] = 1)],
  ['a page that nobody has', (k) => (k.pages.all[1]!.ppRefs = 1)],
  ['which of the free pages comes next', (k) => list(k.pages, 'freeList').reverse()],
  ['the text of a constant', (k) => (open(k.pages as never)['name'] = 'pagf')],
  ['what a free page refers to', (k) => (k.pages.all[1]!.loan = k.loans.alloc())],
  ['an entry that no packet uses', (k) => (k.shinfos.all[0]!.frags[17]!.page = k.pages.all[0]!)],
  ['the list of those entries', (k) => relisted(k.shinfos.all[0]!)],
  ['a packet that looks like another', (k) => (k.skbs.all[0]!.prev = lookAlike(k) as never)],
  ['a key of a map for one that is alike', (k) => (more(k)['map'] = new Map([[{}, {}]]))],
  ['the order of a set', (k) => again(more(k)['set'] as Set<number>, 1)],
  ['a field of a record', (k) => ((more(k)['record'] as { n?: number }).n = 1)],
  ['one function for another', (k) => (more(k)['fun'] = allocPage)],
  ['where a list has nothing', (k) => (list(k, 'zerocopyQueues').length = 1)],
  ['a 0 with a sign', (k) => (k.refusals = -0)],
  ['a number for null', (k) => (k.skbs.all[0]!.prev = -3 as never)],
])('%s shows at a glance', (_, change) => {
  const { k, glance } = glanced();
  const before = glance();
  expect(glance()).toEqual(before);
  change(k);
  expect(glance()).not.toEqual(before);
});

function relisted(shinfo: object): void {
  open(shinfo as never)['frags'] = list(shinfo, 'frags').slice();
}

const list = (o: object, name: string): unknown[] => open(o as never)[name] as unknown[];

/** It has the place and the class of the packet that is there, and whatever somebody keeps in it. */
function lookAlike(k: Kernel): object {
  return Object.assign(Object.create(SkBuff.prototype), k.skbs.all[0]!.prev ?? k.skbs.all[0]!);
}

function again<T>(set: Set<T>, v: T): void {
  set.delete(v);
  set.add(v);
}

test('what is new is taken in as soon as something refers to it, and what is written there later too', () => {
  const { k, glance } = glanced();
  const before = glance();
  const made = new Host();
  more(k)['made'] = made;
  const first = glance();
  expect(first.length).toBeGreaterThan(before.length);
  made.wire = 1;
  expect(glance()).not.toEqual(first);
});

test('no change of two words takes another one back: whoever writes does not know the key', () => {
  // the highest bit of one word and the 13th of the next one, which a single product by a constant carries there
  const flipped = (x: number): number => {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, x);
    bits.setInt32(4, bits.getInt32(4) ^ (1 << 31));
    bits.setInt32(0, bits.getInt32(0) ^ 4096);
    return bits.getFloat64(0);
  };
  expect(differing((k) => (k.refusals = flipped(k.refusals)))).toEqual(['Kernel']);
  expect(differing((k) => (k.ledger.counts[1] = flipped(0)))).toEqual(['Float64Array']);
  const { k, glance } = glanced();
  const before = glance();
  k.refusals = flipped(k.refusals);
  expect(glance()).not.toEqual(before);
});

test('with another key the same machine has other sums', () => {
  const before = [...sums()];
  keySums(1, 2);
  const after = [...sums()];
  expect(after.map(([name]) => name)).toEqual(before.map(([name]) => name));
  expect(after.filter(([, sum], n) => sum === before[n]![1])).toEqual([]);
});

describe('where the candidate is, what may be done is looked at:', () => {
  test.each<[string, string, PropertyDescriptor]>([
    ['a field that may not change', 'the field refusals of a Kernel', { writable: false }],
    ['one that may not go', 'the field refusals of a Kernel', { configurable: false }],
  ])('%s', (_, what, how) => {
    const k = bareKernel({ era: '3.8' });
    Object.defineProperty(k, 'refusals', how);
    new Rest(k, 0, nobody).take();
    expect(() => new Rest(k, 0, nobody, true).take()).toThrow(`may be done with ${what}`);
  });

  test('an object that may not grow', () => {
    const k = bareKernel({ era: '3.8' });
    Object.preventExtensions(k.agenda);
    expect(() => new Rest(k, 0, nobody, true).take()).toThrow(
      'it changed what may be done with an object (Agenda) of the machine',
    );
  });

  test('a list or a record that may not, at a glance', () => {
    for (const name of ['zerocopyQueues', 'more']) {
      const { k, glance } = glanced(true);
      Object.preventExtensions(open(k)[name]);
      expect(glance).toThrow('it changed what may be done with an object');
    }
  });

  test('a field of a list, at a glance', () => {
    const { k, glance } = glanced(true);
    Object.assign(list(k.pages, 'all'), { n: 1 });
    expect(glance).toThrow('it put a field on a list of the machine (n)');
  });

  test('and nothing gets a field, nor loses one, when it was met', () => {
    const { k } = glanced(true);
    class Nic extends Host {}
    const met = new Rest(Object.assign(bareKernel(), { more: new Nic() }), 0, nobody, true);
    met.take();
    for (const o of [k, k.agenda, k.pages.all[1]!, k.mem, k.ledger.counts, Nic, Nic.prototype])
      expect(() => Object.assign(o, { n: 1 })).toThrow('not extensible');
    expect(() => Reflect.deleteProperty(k, 'refusals')).not.toThrow();
    expect(k.refusals).toBe(0);
    met.take(); // what it did itself is no fault
  });
});

test('one time in 256 is a look, and which ones nobody knows without the key; each machine has others', () => {
  const looks = (key: number, machine = 0): number[] => {
    keySums(key, 0x6b43a9b5);
    const rest = new Rest(bareKernel(), machine, nobody);
    return Array.from({ length: 8192 }, (_, n) => n).filter(() => rest.look());
  };
  const some = looks(0x2545f491);
  expect(some.length).toBeGreaterThan(16);
  expect(some.length).toBeLessThan(64);
  expect(looks(0x2545f491)).toEqual(some);
  expect(looks(0x3c6ef372)).not.toEqual(some);
  expect(looks(0x2545f491, 1)).not.toEqual(some);
});

test('the first look walks all of it, and then one in 16', () => {
  const rest = new Rest(bareKernel(), 0, nobody);
  const walk = vi.spyOn(rest, 'take');
  const walked: number[] = [];
  for (let n = 0; n < 40; n++) {
    while (!rest.look());
    if (walk.mock.calls.length > walked.length) walked.push(n);
  }
  expect(walked).toEqual([0, 16, 32]);
});

describe('what a candidate is given is taken in by every glance:', () => {
  test.each<[string, string, (k: Kernel) => void]>([
    ['a packet', 'packet', (k) => (k.skbs.all[0]!.len = 7)],
    ['one that nobody has', 'page', (k) => (k.pages.all[1]!.ppRefs = 1)],
    ['an entry', 'frag', (k) => (k.shinfos.all[0]!.frags[0]!.size = 3)],
    ['one that no packet uses', 'frag', (k) => (k.shinfos.all[0]!.frags[17]!.size = 3)],
    ['a shared info', 'shared info', (k) => (k.shinfos.all[0]!.dataref = 9)],
    ['that of nobody', 'shared info', () => (POISON_SHINFO.dataref = 9)],
    ['an entry there', 'frag', () => (POISON_SHINFO.frags[17]!.size = 9)],
    ['a 0 with a sign', 'packet', (k) => (k.skbs.all[0]!.len = -0)],
    ['what is no number', 'packet', (k) => (k.skbs.all[0]!.loan = k.loans.alloc())],
  ])('%s', (_, name, change) => {
    const { k, rest } = given();
    k.skbs.all[0]!.len = 0;
    rest.glance();
    const before = sumsOf(rest);
    rest.glance();
    expect([...sumsOf(rest)]).toEqual([...before]);
    change(k);
    rest.glance();
    const after = sumsOf(rest);
    expect([...after.keys()].filter((one) => after.get(one) !== before.get(one))).toContain(name);
    Object.assign(POISON_SHINFO, { dataref: 0 });
    POISON_SHINFO.frags[17]!.size = 0;
  });

  test('one that is made later, too', () => {
    const { k, rest } = given();
    const made = allocPage(k);
    rest.glance();
    const before = sumsOf(rest).get('page');
    made.ppRefs++;
    rest.glance();
    expect(sumsOf(rest).get('page')).not.toBe(before);
  });
});

/** A machine of which a walk has taken in all. */
function given(): { readonly k: Kernel; readonly rest: Rest } {
  const { k } = glanced();
  k.skbs.all[0]!.shinfo = POISON_SHINFO;
  const rest = new Rest(k, 0, nobody);
  rest.take();
  return { k, rest };
}
