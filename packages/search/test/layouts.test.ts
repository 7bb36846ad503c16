// What of an object comes back with the machine is said once for its class. Here each test brings a class that nobody has met.
import { GetPutPage, declareState, type Design, type Services } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { FIELDS, LIVES, compiled, numbersLayout } from '../src/exhaustive/compiled.ts';
import type { Frames } from '../src/exhaustive/frames.ts';
import { DEAD, type Known } from '../src/exhaustive/layout.ts';
import { Moments, type Moment } from '../src/exhaustive/moment.ts';
import { Cell } from '../src/index.ts';
import { inputOf } from './cells.ts';

/** A machine at a moment, with `one` in a field of its design, or else among those who watch for the judge. */
function machineWith(one: object, where: 'design' | 'judge', ...leave: readonly object[]) {
  class Keeps extends GetPutPage {
    readonly kept: object | null;

    constructor(k: Services) {
      super(k);
      this.kept = where === 'design' ? one : null;
    }
  }
  const design: Design = { ...naive, create: (k) => new Keeps(k) };
  const input = inputOf(design, 'loopback-slow-reader');
  const cell = new Cell(input);
  if (where === 'judge') (Reflect.get(cell.judge, 'watches') as object[]).push(one);
  const { workload, era } = input;
  const moments = new Moments(cell, [workload, era, input.design, input, ...leave]);
  const moment = moments.keep();
  return { cell, moments, moment, back: () => moments.restore(moment) };
}

/** A class like any other, made anew. */
function anything() {
  class Anything {
    count = 1;
    list: unknown[] = [1, 2];
    map = new Map<unknown, unknown>([['a', [1]]]);
    set = new Set<unknown>(['a']);
    words = Int32Array.of(1, 2);
    record: Record<string, unknown> = { a: 1 };
    next: Anything | null = null;
    says = (): number => 1;
  }
  return new Anything();
}

const two = (): number => 2;

test.each(['design', 'judge'] as const)(
  'of an object that the %s has all comes back but what is no state: a function stays',
  (where) => {
    const one = anything();
    one.next = anything();
    const { back, moments } = machineWith(one, where);
    const values = () => JSON.stringify([one, [...one.map], [...one.set], one.next]);
    const before = values();
    const change = (): void => {
      for (const it of [one, one.next!]) {
        it.count++;
        it.list.push(3);
        (it.map.get('a') as unknown[])[0] = 2;
        it.map.set('b', 1);
        it.set.add('b');
        it.words[1]!++;
        it.record['a'] = 2;
        it.says = two;
      }
      one.next = null;
    };
    const { next } = one;
    const second = moments.keep();
    change();
    expect(values()).not.toBe(before);
    const after = moments.keep();
    const changed = values();
    back();
    expect([values(), one.next]).toEqual([before, next]);
    moments.restore(after);
    expect(values()).toBe(changed);
    moments.restore(second);
    expect([values(), one.next, one.says(), next.says()]).toEqual([before, next, 2, 2]);
  },
);

/** A class of the machine, made anew. */
function declared() {
  class Declared {
    count = 1;
    text = 'text';
    limit = 5;
    nothing: object | null = null;
    missing: object | undefined = undefined;
    readonly names = ['a', 'b'];
    readonly places: unknown[] = ['a', 2];
    readonly none: unknown[] = [];
    readonly setting: Record<string, unknown> = { a: 1 };
    readonly map = new Map<unknown, unknown>([['a', 1]]);
  }
  declareState(Declared, {
    state: 'count',
    constant: 'text limit nothing missing names places none setting map',
  });
  return new Declared();
}

test('below a field that never changes a list or a map is state, and a record is a setting; names are nothing to put back', () => {
  const one = declared();
  const { back } = machineWith(one, 'design');
  one.count++;
  one.places.push(3);
  one.none.push(1);
  one.map.set('a', 2);
  one.setting['a'] = 2;
  one.names.push('c');
  back();
  expect([one.count, one.places, one.none, [...one.map]]).toEqual([1, ['a', 2], [], [['a', 1]]]);
  expect([one.setting, one.names]).toEqual([{ a: 2 }, ['a', 'b', 'c']]);
});

test('a class above that of the machine that declares nothing comes back with all its fields', () => {
  class Above extends (declared().constructor as new () => ReturnType<typeof declared>) {
    more = 1;
  }
  const one = new Above();
  const { back } = machineWith(one, 'design');
  one.more++;
  one.count++;
  back();
  expect([one.more, one.count]).toEqual([1, 1]);
});

test('of what comes and goes nothing is kept while nobody has it; of anything else all is', () => {
  const keeper = { look: 1, frames: {} as Frames, known: () => expect.fail(), meet: () => {} };
  const [goes, stays] = [LIVES, FIELDS].map((more) => compiled(['live', 'count'], [], more));
  const one = { live: false, count: 5 };
  expect(goes!.keep(one, null, keeper, [])).toBe(DEAD);
  expect(stays!.keep(one, null, keeper, [])).toEqual([false, 5]);
  Object.assign(one, { live: true, count: 7 });
  const had = goes!.keep(one, DEAD, keeper, []);
  expect(goes!.keep(one, had, keeper, [])).toBe(had);
  expect([goes!.differs(one, had), goes!.comesAndGoes, stays!.comesAndGoes]).toEqual([
    false,
    true,
    false,
  ]);
  one.count = 8;
  expect(goes!.differs(one, had)).toBe(true);
  goes!.restore(one, DEAD, keeper.frames);
  expect(one).toEqual({ live: false, count: 8 });
  goes!.restore(one, had, keeper.frames);
  expect(one).toEqual({ live: true, count: 7 });
});

test('how the judge looks is set by who looks, and stays set', () => {
  const { cell, back } = machineWith({}, 'design');
  cell.clock();
  cell.judge.paranoid = true;
  back();
  expect([cell.judge.step, cell.judge.paranoid]).toEqual([1, true]);
});

test('what is said to be left stays as it is, with all that only it reaches; so do costs', () => {
  const one = anything();
  one.next = anything();
  const { cell, back } = machineWith(one, 'design', one);
  const { counts } = cell.k.ledger;
  const free = [...counts];
  one.count++;
  one.next.count++;
  for (let n = 0; n < 9; n++) cell.clock();
  const paid = [...counts];
  back();
  expect([one.count, one.next.count, [...counts]]).toEqual([2, 2, paid]);
  expect(paid).not.toEqual(free);
});

test('what came later is written down once, whoever leads to it', () => {
  const one = anything();
  const { moments } = machineWith(one, 'design');
  const later = [anything(), anything()];
  one.list.push(...later);
  later[0]!.next = later[1]!;
  later[1]!.next = later[0]!;
  const times = (moment: Moment): number[] =>
    later.map((o) => moment.later.filter((known) => (known as Known).o === o).length);
  expect(times(moments.keep())).toEqual([1, 1]);
  one.record['a'] = later[1];
  one.list.push(later[0]);
  expect([1, 2, 3].map(() => times(moments.keep()))).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
});

test('an array of numbers comes back number by number, of fractions with the sign of 0, whichever kind it is', () => {
  class FloatsAnew extends Float64Array {}
  class WordsAnew extends Int32Array {}
  const keeper = { look: 1, frames: {} as Frames, known: () => expect.fail(), meet: () => {} };
  for (const [numbers, others] of [
    [FloatsAnew.of(0.5, 0, NaN), [0.5, -0, NaN]],
    [FloatsAnew.of(0.5, 0, NaN), [0.5, 0, 1]],
    [WordsAnew.of(1, 2, 3), [9, 2, 3]],
    [WordsAnew.of(1, 2, 3), [1, 2, 9]],
  ] as const) {
    const layout = numbersLayout(numbers);
    expect([layout.comesAndGoes, layout.flat]).toEqual([false, null]);
    const before = layout.keep(numbers, null, keeper, []);
    expect(before).toEqual([...numbers]);
    expect([layout.differs(numbers, before), layout.keep(numbers, before, keeper, [])]).toEqual([
      false,
      before,
    ]);
    expect(layout.keep(numbers, before, keeper, [])).toBe(before);
    numbers.set(others);
    expect(layout.differs(numbers, before)).toBe(true);
    const after = layout.keep(numbers, before, keeper, []);
    expect(after).toEqual(others);
    layout.restore(numbers, before, keeper.frames);
    expect([...numbers]).toEqual(before);
    layout.restore(numbers, after, keeper.frames);
    expect([...numbers]).toEqual(others);
  }
  expect(numbersLayout(WordsAnew.of(1))).toBe(numbersLayout(WordsAnew.of(2)));
});
