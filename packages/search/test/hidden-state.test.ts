// Whatever hangs below a design is state, however it is called, or refused by name.
import {
  GetPutPage,
  Page,
  declareState,
  eraOf,
  type Design,
  type Loan,
  type Services,
  type SideField,
  type SkBuff,
} from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Cell, HiddenState, MachineFingerprint, UndeclaredState } from '../src/index.ts';

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
  class Says {
    says(): string {
      return '[native code] }';
    }
  }
  function Bare(): void {}
  Object.setPrototypeOf(Bare.prototype, null);
  Reflect.set(Loaded.prototype, 'count', 1);

  const SETTER = { set: () => undefined, enumerable: true };
  const hiding = (name: string): object => Object.defineProperty({}, name, { value: 1 });
  const on1 = (name: PropertyKey): object => Object.assign([1], { [name]: 1 });
  const on = (o: object): object => Object.assign(o, { order: 1 });

  test.each<[string, () => unknown]>([
    ['numbers, texts and nothing', () => [1, -0.5, 1n, 'a', true, null, undefined]],
    ['lists, maps, sets and records', () => [new Map([[1, new Set(['a'])]]), { a: { b: [1] } }]],
    ['an object of a class of its own', () => new Counter()],
    ['numbers in an array of words', () => new Int32Array(3)],
    ['a record without a prototype', () => Object.create(null)],
    ['an object of a class with methods', () => new Reads()],
    ['an object of a class whose text looks like that of another', () => new Says()],
    ['an object of a class that is above no other', () => Object.create(Bare.prototype)],
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
    ['a subclass of Map', /state in a Map,/, () => new Better()],
    ['a setter', /accessor \(Keeps, order\)/, () => Object.defineProperty({}, 'order', SETTER)],
    ['a field that nobody lists', /not enumerable \(Keeps, order\)/, () => hiding('order')],
    ['a field of a map', /field of a Map \(Keeps, order\)/, () => on(new Map())],
    ['a field of a set', /field of a Set \(Keeps, order\)/, () => on(new Set())],
    ['a field of a list like one of its places', /field of a Array/, () => on1('a1')],
    ['another one', /field of a Array/, () => on1('1a')],
    ['a field of a list called by a symbol', /called by a symbol/, () => on1(Symbol('a'))],
    ['a Proxy of a list', /a Proxy/, () => new Proxy([], {})],
    ['a Proxy of what is refused anyway', /a Proxy/, () => new Proxy(new Shared(), {})],
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

test('what is frozen while it is kept is refused: nobody who comes back to a state can undo that', () => {
  class Keeps extends GetPutPage {
    readonly order = { list: [1], was: Object.freeze([1]) };
  }
  const design: Design = { ...naive, create: (k) => new Keeps(k) };
  const workload = miniature(workloadCalled('sendfile-locked')!, 1);
  const cell = new Cell({ design, workload, era, seed: 1 });
  const print = new MachineFingerprint();
  print.of(cell, 0);
  const { hi, lo } = print;
  print.of(cell, 0);
  expect([print.hi, print.lo]).toEqual([hi, lo]); // what was frozen before stays so
  Object.freeze((cell.k.lifetime as Keeps).order.list);
  expect(() => print.of(cell, 0)).toThrow(HiddenState);
  expect(() => print.of(cell, 0)).toThrow('an object that is frozen while it is kept');
});

describe('of the machine', () => {
  /** A class of the machine that nobody has met: what it declares as state may be anything. */
  function met(state: unknown, more: object = {}): () => [number, number] {
    class Met {
      state = state;
      other = 0;
    }
    declareState(Met, { state: 'state', constant: 'other' });
    const workload = miniature(workloadCalled('sendfile-locked')!, 1);
    const cell = new Cell({ design: naive, workload, era, seed: 1 });
    (cell.scenario.participants as unknown[]).push(Object.assign(new Met(), more));
    const print = new MachineFingerprint();
    return () => {
      print.of(cell, 0);
      return [print.hi, print.lo];
    };
  }

  test('a list may be frozen at any time, and numbers may be a part of a buffer: its classes say what is state', () => {
    const list = [1];
    const look = met([list, Uint8Array.of(1, 2).subarray(0, 1)]);
    const before = look();
    Object.freeze(list);
    expect(look()).toEqual(before);
  });

  test('a class that declares nothing is a fault, and so is a field of it, a function, and what no walk sees', () => {
    class Unknown {
      own = 1;
    }
    for (const [state, more, message] of [
      [new Unknown(), {}, 'class Unknown, which Met refers to, declares no state'],
      [[new Unknown()], {}, 'class Unknown, which Met refers to, declares no state'],
      [() => 1, {}, 'a field of Met that is declared as state has a function'],
      [Symbol('a'), {}, 'a field of Met that is declared as state has a symbol'],
      [Object.assign([1], { order: 1 }), {}, 'Met has a field of a Array (Met, order)'],
      [1, { order: 1 }, 'field order of class Met is declared neither as state nor'],
      [1, { [Symbol('a')]: 1 }, 'field Symbol(a) of class Met is declared neither as state nor'],
    ] as const) {
      const look = met(state, more);
      expect(look).toThrow(UndeclaredState);
      expect(look).toThrow(message);
    }
  });

  test('a class above one that says what its state is need say nothing; below a design all of it is state', () => {
    class Above extends Page {
      more = 1;
    }
    class Plain extends Page {}
    expect(met(new Plain())).not.toThrow();
    class Keeps extends GetPutPage {
      readonly kept = new Above();
    }
    const design: Design = { ...naive, create: (k) => new Keeps(k) };
    const workload = miniature(workloadCalled('sendfile-locked')!, 1);
    const cell = new Cell({ design, workload, era, seed: 1 });
    const looks = [1, 2].map((more) => {
      (cell.k.lifetime as Keeps).kept.more = more;
      const print = new MachineFingerprint();
      print.of(cell, 0);
      return `${print.hi} ${print.lo}`;
    });
    expect(looks[0]).not.toBe(looks[1]);
  });

  test('what stands in a page that nobody has does not count', () => {
    const page = Object.assign(new Page(), { live: true, address: 0 });
    const look = met(page);
    const had = look();
    page.count++;
    expect(look()).not.toEqual(had);
    page.live = false;
    const gone = look();
    page.count++;
    expect(look()).toEqual(gone);
  });
});

function* forever(): Generator<number> {
  for (;;) yield 1;
}
