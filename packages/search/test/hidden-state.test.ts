// Whatever hangs below a design is state, however it is called, or refused by name.
import {
  GetPutPage,
  eraOf,
  type Design,
  type Loan,
  type Page,
  type Services,
  type SideField,
  type SkBuff,
} from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Cell, HiddenState, MachineFingerprint } from '../src/index.ts';

const era = eraOf('3.8')!;

describe('below a design', () => {
  /** The error with which a machine is refused whose design has `field` in place of what it knows. */
  const refusal = (field: (k: Services) => unknown): unknown => {
    class Keeps extends GetPutPage {
      readonly order = field(this.k);
    }
    const design: Design = { ...naive, create: (k) => new Keeps(k) };
    const workload = miniature(workloadCalled('sendfile-locked')!, 1);
    try {
      new MachineFingerprint().of(new Cell({ design, workload, era, seed: 1 }), 0);
      return null;
    } catch (error) {
      return error;
    }
  };

  class Counter {
    count = 0;
  }
  class Reads extends Counter {
    static of(): Reads {
      return new Reads();
    }

    get twice(): number {
      return 2 * this.count;
    }
  }
  class Shared {
    static count = 0;
    own = 1;
  }
  class Better extends Map {}
  class Loaded {
    own = 1;
  }
  Reflect.set(Loaded.prototype, 'count', 1);

  const SETTER = { set: () => undefined, enumerable: true };
  const hiding = (name: string): object => Object.defineProperty({}, name, { value: 1 });
  const on = (o: object): object => Object.assign(o, { order: 1 });

  test.each<[string, () => unknown]>([
    ['numbers, texts and nothing', () => [1, -0.5, 1n, 'a', true, null, undefined]],
    ['lists, maps, sets and records', () => [new Map([[1, new Set(['a'])]]), { a: { b: [1] } }]],
    ['an object of a class of its own', () => new Counter()],
    ['numbers in an array of words', () => new Int32Array(3)],
    ['a record without a prototype', () => Object.create(null)],
    ['an object of a class with methods', () => new Reads()],
  ])('%s may be state', (_, value) => {
    expect(refusal(value)).toBeNull();
  });

  test('so may objects of the kernel', () => {
    expect(refusal((k) => k.sideField<Page, number>())).toBeNull();
  });

  test.each<[string, RegExp, () => unknown]>([
    ['a function', /Keeps keeps a function \(count\) in a field/, () => function count() {}],
    ['a function in a list', /Keeps keeps a function/, () => [() => 1]],
    ['a symbol', /Keeps keeps a symbol/, () => Symbol('a')],
    ['a WeakMap', /WeakMap/, () => new WeakMap()],
    ['a WeakSet', /WeakSet/, () => new WeakSet()],
    ['a WeakRef', /WeakRef/, () => new WeakRef({})],
    ['a generator', /Generator/, () => forever()],
    ['an iterator of a list', /Iterator/, () => [1, 2].values()],
    ['a RegExp', /RegExp/, () => /a/g],
    ['a Promise', /Promise/, () => Promise.resolve()],
    ['a Date', /Date/, () => new Date(0)],
    ['a Proxy', /Proxy/, () => new Proxy({}, {})],
    ['a static field', /Shared\.count/, () => new Shared()],
    [
      'an accessor',
      /accessor \(Keeps, order\)/,
      () => ({
        get order() {
          return 1;
        },
      }),
    ],
    ['a field called by a symbol', /symbol/, () => ({ [Symbol('a')]: 1 })],
    ['a field of a list', /field of a Array/, () => Object.assign([1], { order: 1 })],
    ['a subclass of Map', /Map/, () => new Better()],
    ['a setter', /accessor \(Keeps, order\)/, () => Object.defineProperty({}, 'order', SETTER)],
    ['a field that nobody lists', /not enumerable \(Keeps, order\)/, () => hiding('order')],
    ['a field of a map', /field of a Map \(Keeps, order\)/, () => on(new Map())],
    ['a field of a set', /field of a Set \(Keeps, order\)/, () => on(new Set())],
    ['a Proxy of a list', /a Proxy/, () => new Proxy([], {})],
    ['an object of a class with a Proxy before it', /a Proxy/, () => new Proxy(new Counter(), {})],
    [
      'a value on a prototype',
      /Loaded\.prototype\.count, which all machines share/,
      () => new Loaded(),
    ],
    ['what loses and never gains', /gain none/, () => Object.preventExtensions({ a: 1 })],
    ['an Error', /an? Error/, () => new Error('a')],
    ['a view of bytes', /DataView/, () => new DataView(new ArrayBuffer(8))],
    ['bytes that no view shows', /ArrayBuffer/, () => new ArrayBuffer(8)],
  ])('%s is refused by name', (_, message, value) => {
    const error = refusal(value);
    expect(error).toBeInstanceOf(HiddenState);
    expect((error as Error).message).toMatch(message);
  });

  test('a field that a design puts on an object of the kernel is refused', () => {
    class Adds extends GetPutPage {
      override lend(skb: SkBuff, page: Page, at: number, size: number, loan: Loan): void {
        super.lend(skb, page, at, size, loan);
        Reflect.set(page, 'order', loan.id);
      }
    }
    const design: Design = { ...naive, create: (k) => new Adds(k) };
    const workload = miniature(workloadCalled('sendfile-locked')!, 1);
    const cell = new Cell({ design, workload, era, seed: 1 });
    while (cell.judge.lentPages().length === 0) cell.clock();
    expect(() => new MachineFingerprint().of(cell, 0)).toThrow('field order of class Page');
  });

  test('a side field of any name tells two machines apart', () => {
    class Keeps extends GetPutPage {
      readonly when: SideField<Page, number> = this.k.sideField();

      override lend(skb: SkBuff, page: Page, at: number, size: number, loan: Loan): void {
        super.lend(skb, page, at, size, loan);
        this.when.set(page, 1);
      }
    }
    const design: Design = { ...naive, create: (k) => new Keeps(k) };
    const workload = miniature(workloadCalled('sendfile-locked')!, 1);
    const cell = new Cell({ design, workload, era, seed: 1 });
    while (cell.judge.lentPages().length === 0) cell.clock();
    const print = new MachineFingerprint();
    print.of(cell, 0);
    const { hi, lo } = print;
    (cell.k.lifetime as Keeps).when.set(cell.judge.lentPages()[0]!, 2);
    print.of(cell, 0);
    expect([print.hi, print.lo]).not.toEqual([hi, lo]);
  });
});

function* forever(): Generator<number> {
  for (;;) yield 1;
}
