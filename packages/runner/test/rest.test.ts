// Two machines that did the same have one sum over everything that hangs below them; whoever writes to one of them, where
// no search looks, makes another one of it.
import { SideField, allocPage, allocSkb, putPage, type Kernel } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { Rest } from '../src/tape/rest.ts';

const nobody = (): null => null;

/** A machine that has a page, after `change`: its sums by class. */
function sums(change: (k: Kernel) => void = () => undefined): ReadonlyMap<string, number> {
  const k = bareKernel({ era: '3.8' });
  allocPage(k);
  change(k);
  const rest = new Rest(k, nobody);
  rest.take();
  return rest.sums;
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
  const rest = new Rest(bareKernel(), nobody);
  rest.take();
  const first = [...rest.sums];
  rest.take();
  expect([...rest.sums]).toEqual(first);
  expect(first.length).toBeGreaterThan(5);
});

test.each<[string, string, (k: Kernel) => void]>([
  ['a statistic', 'Kernel', (k) => k.refusals++],
  ['a field more', 'Kernel', (k) => (open(k)['more'] = undefined)],
  ['-0 for 0', 'Kernel', (k) => (k.refusals = -0)],
  ['a text', 'Slab', (k) => (open(k.pages as never)['name'] = 'pagf')],
  ['a flag', 'Page', (k) => (k.pages.all[0]!.mapping = true)],
  ['null for undefined', 'Page', (k) => (k.pages.all[0]!.loan = undefined as never)],
  ['one object for another', 'Kernel', (k) => (open(k)['cost'] = k.ledger.counts.slice())],
  ['a symbol', 'Page', (k) => Object.assign(k.pages.all[0]!, { [Symbol('n')]: 1 })],
  ['a page that nobody has', 'Page', (k) => k.pages.free(k.pages.all[0]!)],
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
    const rest = new Rest(k, () => stands);
    rest.take();
    return [...rest.sums];
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

test.each<[string, (k: Kernel) => void]>([
  ['a statistic', (k) => k.refusals++],
  ['what nobody pays', (k) => k.ledger.counts[0]!++],
  ['a moment of the agenda', (k) => (open(k.agenda as never)['now'] = 7)],
  ['a byte of a page that somebody has', (k) => (k.mem[k.pages.all[0]!.address + 4095] = 1)],
  ['a byte behind the bytes of a packet', (k) => (k.mem[k.shinfos.all[0]!.end - 1] = 1)],
])('%s shows at a glance', (_, change) => {
  const k = bareKernel({ era: '3.8' });
  allocPage(k);
  allocSkb(k, 64, false);
  const rest = new Rest(k, nobody);
  rest.take();
  const after = new Rest(k, nobody);
  after.take();
  const before = rest.glance();
  change(k);
  expect(after.glance()).not.toBe(before);
});

test.each<[string, (k: Kernel) => void]>([
  ['a byte that nobody has', (k) => (k.mem[k.mem.length - 1] = 1)],
  ['a page that nobody has', (k) => (k.pages.all[1]!.ppRefs = 1)],
  ['a class', (k) => Object.assign(k.pages.constructor, { n: 1 })],
])('%s shows in sixteen glances', (_, change) => {
  const k = bareKernel({ era: '3.8' });
  putPage(k, [allocPage(k), allocPage(k)][1]!);
  const rest = new Rest(k, nobody);
  rest.take();
  const glances = (): number[] => Array.from({ length: 16 }, () => rest.glance());
  const before = glances();
  expect(glances()).toEqual(before);
  change(k);
  expect(glances()).not.toEqual(before);
  Reflect.deleteProperty(k.pages.constructor, 'n');
});

describe('where the candidate is, what may be done is looked at:', () => {
  test.each<[string, string, PropertyDescriptor]>([
    ['a field that may not change', 'the field refusals of a Kernel', { writable: false }],
    ['one that may not go', 'the field refusals of a Kernel', { configurable: false }],
  ])('%s', (_, what, how) => {
    const k = bareKernel({ era: '3.8' });
    Object.defineProperty(k, 'refusals', how);
    new Rest(k, nobody).take();
    expect(() => new Rest(k, nobody, true).take()).toThrow(`may be done with ${what}`);
  });

  test('an object that may not grow, at a glance', () => {
    const k = bareKernel({ era: '3.8' });
    const rest = new Rest(k, nobody, true);
    rest.take();
    rest.glance();
    Object.preventExtensions(k.agenda);
    expect(() => rest.glance()).toThrow(
      'it changed what may be done with an object (Agenda) of the machine',
    );
    expect(() => rest.take()).toThrow(
      'it changed what may be done with an object (Agenda) of the machine',
    );
  });
});

test('the first looks take all in, and then one in 128', () => {
  const rest = new Rest(bareKernel(), nobody);
  const due = Array.from({ length: 200 }, () => rest.due());
  const at = due.flatMap((one, n) => (one ? [n] : []));
  expect(at).toEqual([...Array.from({ length: 16 }, (_, n) => n), 128]);
});
