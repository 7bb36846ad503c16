// What a design keeps is as it was when the machine comes back to a moment, whatever was done to it in between: a search that
// comes back to something else proves things of a design that nobody has written.
import { inspect } from 'node:util';
import { GetPutPage, eraOf, type Design } from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { MachineFingerprint, Start } from '../src/index.ts';

class Note {
  text = 'a';
  next: Note | null = null;
}

/** One of everything that a design may keep. */
function everything() {
  const note = new Note();
  return {
    list: [1, 2, 3, null, undefined] as unknown[],
    empty: [] as unknown[],
    record: { a: 1, b: 'c', u: undefined, d: null } as Record<string, unknown>,
    map: new Map<unknown, unknown>([
      ['a', 1],
      [note, [1]],
      [undefined, undefined],
      [null, null],
    ]),
    set: new Set<unknown>(['a', note, undefined, null]),
    alone: new Set([new Note()]),
    keys: new Map([[new Note(), 1]]),
    numbers: Int32Array.of(1, 2, 3),
    bytes: Uint8Array.of(1, 2, 3),
    fractions: Float64Array.of(0.5, 0.25, 0, NaN),
    blank: {} as Record<string, unknown>,
    frozen: Object.freeze([1, { a: 1 }, null] as const) as readonly unknown[],
    sealed: Object.seal([1, 2]),
    named: JSON.parse('{ "a": 1, "__proto__": 1 }') as Record<string, unknown>,
    bare: Object.assign(Object.create(null), { a: 1 }) as Record<string, unknown>,
    note,
  };
}
type Everything = ReturnType<typeof everything>;

class Keeps extends GetPutPage {
  readonly kept = everything();
}

const design: Design = { ...naive, id: 'keeps', create: (k) => new Keeps(k) };
const workload = miniature(workloadCalled('loopback-slow-reader')!, 1);
const input = { design, workload, era: eraOf('3.8')!, seed: 1 };

/** A machine, and how it is kept and come back to. */
function machine() {
  const start = new Start(input, false, true);
  const kept = (): Everything => (start.machineInUse.k.lifetime as Keeps).kept;
  const look = (): string => {
    const print = new MachineFingerprint();
    print.of(start.machineInUse, 0);
    return `${inspect(kept(), { depth: 9 })} ${print.hi} ${print.lo}`;
  };
  return { start, kept, look };
}

test.each<[string, (kept: Everything) => void]>([
  ['a list grows', ({ list }) => list.push(4)],
  ['a list grows by an object', ({ list }) => list.push({ in: new Note() })],
  ['a list shrinks', ({ list }) => list.pop()],
  ['a list is emptied', ({ list }) => list.splice(0)],
  ['an empty list is filled', ({ empty }) => empty.push([1])],
  ['another value stands in a list', ({ list }) => list.splice(1, 1, 'x')],
  ['a list is turned round', ({ list }) => list.reverse()],
  ['a record has another value', ({ record }) => (record['a'] = 2)],
  ['a record has an object', ({ record }) => (record['d'] = { e: 1 })],
  ['a record has one field more', ({ record }) => (record['e'] = 1)],
  ['a record has a field more, which is named like a value', ({ record }) => (record['c'] = 1)],
  ['a record has one field less', ({ record }) => delete record['a']],
  ['a record without fields gets one', ({ blank }) => (blank['a'] = 1)],
  [
    'the last field of a record has another name',
    ({ record }) => delete record['d'] && (record['e'] = null),
  ],
  ['a record has its last field less', ({ record }) => delete record['d']],
  ['fields of a record change places', ({ record }) => delete record['a'] && (record['a'] = 1)],
  ['a sign of 0 in a record', ({ record }) => (record['a'] = record['a'] === 0 ? -0 : 0)],
  ['a place of a list is emptied', ({ list }) => Reflect.deleteProperty(list, 1)],
  ['nothing stands in a list where nothing was', ({ list }) => Reflect.deleteProperty(list, 4)],
  ['a record without a prototype has another value', ({ bare }) => (bare['a'] = 2)],
  ['what a frozen list leads to changes', ({ frozen }) => ((frozen[1] as { a: number }).a = 2)],
  ['a sealed list has another value', ({ sealed }) => (sealed[0] = 3)],
  ['a field called __proto__ has another value', ({ named }) => (named['__proto__'] = 2)],
  ['a field called __proto__ goes', ({ named }) => Reflect.deleteProperty(named, '__proto__')],
  ['a field before it goes', ({ named }) => delete named['a']],
  ['two records are one', ({ record, list }) => list.push(record)],
  ['a map has another value', ({ map }) => map.set('a', 2)],
  ['a map has one key more', ({ map }) => map.set('b', 1)],
  ['a map has one key less', ({ map }) => map.delete('a')],
  ['a map has another key', ({ map }) => map.delete('a') && map.set('b', 1)],
  ['keys of a map change places', ({ map }) => map.delete('a') && map.set('a', 1)],
  ['a map has another last key', ({ map }) => map.delete(null) && map.set('n', null)],
  ['a map is emptied', ({ map }) => map.clear()],
  ['what a map leads to changes', ({ map, note }) => (map.get(note) as number[]).push(2)],
  ['an object becomes a key', ({ map }) => map.set(new Note(), new Note())],
  ['a set has one more', ({ set }) => set.add('b')],
  ['a set has one less', ({ set }) => set.delete('a')],
  ['a set has another', ({ set }) => set.delete('a') && set.add('b')],
  ['those of a set change places', ({ set }) => set.delete('a') && set.add('a')],
  ['a set is emptied', ({ set }) => set.clear()],
  ['what stands in a set alone changes', ({ alone }) => ([...alone][0]!.text = 'b')],
  ['what is a key alone changes', ({ keys }) => ([...keys.keys()][0]!.text = 'b')],
  ['an object is put into a set', ({ set }) => set.add(new Note())],
  ['the first of some numbers changes', ({ numbers }) => (numbers[0] = 9)],
  ['the last of some numbers changes', ({ numbers }) => (numbers[2] = 9)],
  ['a byte changes', ({ bytes }) => (bytes[1] = 9)],
  ['a fraction changes', ({ fractions }) => (fractions[1] = 0.75)],
  ['a sign of 0 among fractions', ({ fractions }) => (fractions[2] = -0)],
  ['a set loses its last', ({ set }) => set.delete(null)],
  ['a map loses its last key', ({ map }) => map.delete(null)],
  ['an object has another value', ({ note }) => (note.text = 'b')],
  ['an object leads to another', ({ note }) => (note.next = new Note())],
])('%s, and is as before when the machine is', (_, change) => {
  const { start, kept, look } = machine();
  start.machine();
  const [before, first] = [look(), start.moment()!];
  change(kept());
  const [after, second] = [look(), start.moment()!];
  expect(after).not.toBe(before);
  const seen = [first, second, first, first, second].map((moment) => {
    start.machineAt(moment);
    return look() === before ? 'before' : look() === after ? 'after' : look();
  });
  expect(seen).toEqual(['before', 'after', 'before', 'before', 'after']);
  start.machineAt(first);
  change(kept()); // of which no moment is kept
  start.machineAt(first);
  expect(look()).toBe(before);
});

test('what came later changes, too, and goes with the moment that it came in', () => {
  const { start, kept, look } = machine();
  start.machine();
  const looks = [look()];
  const moments = [start.moment()!];
  const step = (change: (kept: Everything) => void): void => {
    change(kept());
    looks.push(look());
    moments.push(start.moment()!);
  };
  step(({ list }) =>
    list.splice(
      3,
      1,
      new Map(),
      new Set(),
      [],
      new Note(),
      Object.freeze([1]),
      Object.freeze({ a: 1 }),
    ),
  );
  step(({ list }) => (list[3] as Map<unknown, unknown>).set(1, [2]));
  step(({ list }) => (list[4] as Set<unknown>).add(3));
  step(({ list }) => (list[5] as unknown[]).push(4));
  step(({ list }) => ((list[6] as Note).text = 'later'));
  step(({ list }) => ((list[3] as Map<unknown, unknown>).get(1) as number[]).push(5));
  step(({ list }) => (list[6] = new Note())); // another one in the same place
  step(({ list }) => ((list[6] as Note).text = 'last'));
  step(({ list }) => list.splice(3, 6, null));
  expect(new Set(looks).size).toBe(looks.length - 1); // at the end it is as in the beginning
  for (const at of [1, 6, 3, 8, 0, 7, 9, 5, 2, 4, 8, 6]) {
    start.machineAt(moments[at]!);
    expect(look(), `moment ${at}`).toBe(looks[at]);
  }
});

test('what did not change is kept once, whoever holds it', () => {
  const { start, kept } = machine();
  const cell = start.machine();
  cell.clock();
  expect(cell.judge.lentPages().length).toBeGreaterThan(0); // packets, pages and heads are in use
  kept().list.push(
    { a: 1 },
    new Note(),
    new Map([
      [1, [2]],
      [2, [3]],
    ]),
    new Set([3, 4]),
    Int32Array.of(4),
  );
  const [first, second] = [start.moment()!, start.moment()!];
  expect(second.groups.every((group, i) => group === first.groups[i])).toBe(true);
  const blocks = ({ used, later }: typeof first): unknown[] =>
    [...used, ...later].filter((_, i) => i % 2 === 1);
  expect(blocks(first).length).toBeGreaterThan(5);
  expect(blocks(first).every((block) => blocks(second).includes(block))).toBe(true);
  kept().note.text = 'b';
  const third = start.moment()!;
  expect(third.groups.filter((group, i) => group !== first.groups[i])).toHaveLength(1);
});

test('a function is no state and stays; where one takes the place of a value, the value comes back', () => {
  const { start, kept } = machine();
  start.machine();
  const first = start.moment()!;
  const record = kept().record;
  const nothing = (): void => undefined;
  Object.assign(record, { b: nothing, f: nothing });
  const second = start.moment()!;
  start.machineAt(first);
  expect(Object.entries(record).filter(([, v]) => v !== nothing)).toEqual([
    ['a', 1],
    ['b', 'c'],
    ['u', undefined],
    ['d', null],
  ]);
  expect(record['f']).toBe(nothing);
  start.machineAt(second);
  expect([record['b'], record['f'], record['a']]).toEqual([undefined, nothing, 1]);
});

test('objects that are gone are forgotten, as a search makes them without end', () => {
  const { start, kept, look } = machine();
  start.machine();
  const [before, first] = [look(), start.moment()!];
  const all = Reflect.get(Reflect.get(start, 'moments') as object, 'all') as Map<object, unknown>;
  const { size } = all;
  let most = 0;
  for (let n = 0; n < 12; n++) {
    start.machineAt(first);
    kept().list.push(...Array.from({ length: 3000 }, () => ({})));
    start.moment();
    most = Math.max(most, all.size);
  }
  expect(most - size).toBeGreaterThan(15_000); // not before they are many
  expect(most - size).toBeLessThan(23_000);
  start.machineAt(first);
  expect(look()).toBe(before);
});
