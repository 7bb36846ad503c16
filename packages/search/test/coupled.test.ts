// What two hosts may have in common by way of a design: a search that overlooks it takes their steps for independent and
// leaves out orders that matter.
import {
  Cost,
  GetPutPage,
  Side,
  SideField,
  type SkbSharedInfo,
  type Design,
  type Kernel,
  type Loan,
  type Services,
} from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { DesignLook, KNOWN } from '../src/exhaustive/coupled.ts';
import { DEFAULT_BOUND, explore, type Beliefs } from '../src/index.ts';
import { bareCell, inputOf } from './cells.ts';

interface Knows {
  count: number;
  list: unknown[];
  deep: { a: { b: number[] } };
  map: Map<unknown, unknown>;
  set: Set<unknown>;
  nothing: object | null;
  missing: number;
}

/** A design that knows this, and a look at it before anything happens. */
function looked(): { knows: Knows; look: DesignLook; k: Kernel } {
  const knows: Knows = {
    count: 1,
    list: [1, 2],
    deep: { a: { b: [1] } },
    map: new Map<unknown, unknown>([[1, 2]]),
    set: new Set([1, 2]),
    nothing: null,
    missing: NaN,
  };
  const cost = new Float64Array(1000);
  const look = new DesignLook({ lifetime: knows, cost } as unknown as Kernel);
  look.take();
  return { knows, look, k: look.k };
}

test.each<[string, (knows: Knows) => unknown]>([
  ['a number', (knows) => (knows.count = 2)],
  ['an element of a list', ({ list }) => (list[1] = 3)],
  ['one element more', ({ list }) => list.push(3)],
  ['one element less', ({ list }) => list.pop()],
  ['a list in a list', ({ list }) => (list[1] = [2])],
  ['something deep', ({ deep }) => deep.a.b.push(2)],
  ['a value of a map', ({ map }) => map.set(1, 3)],
  ['a key of a map', ({ map }) => map.set(2, 2)],
  ['a set', ({ set }) => set.add(3)],
  ['one in a set for another', ({ set }) => set.delete(2) && set.add(3)],
  ['something for nothing', (knows) => (knows.nothing = {})],
])('%s that changes is seen', (_, change) => {
  const { knows, look } = looked();
  expect(look.differs).toBe(false);
  change(knows);
  expect(look.differs).toBe(true);
  look.take();
  expect(look.differs).toBe(false);
});

test('what stands with objects of the machine is not common to two hosts', () => {
  const { knows, look } = looked();
  const { k } = bareCell();
  const loan = k.newLoan(0, 0);
  const field = k.sideField<Loan, number>();
  expect(field).toBeInstanceOf(SideField);
  knows.list = [loan, field];
  look.take();
  loan.refs++;
  field.set(loan, 1);
  expect(look.differs).toBe(false);
  knows.list[0] = k.newLoan(0, 0); // another one is something else to know
  expect(look.differs).toBe(true);
});

test('what stands for a design that is elsewhere says what that knows, and nothing else of it counts', () => {
  const { knows, look } = looked();
  const standsFor = Object.assign(knows, { [KNOWN]: 5 });
  look.take();
  knows.count++;
  expect(look.differs).toBe(false);
  standsFor[KNOWN] = 6;
  expect(look.differs).toBe(true);
});

test('equal lists are the same knowledge, whichever objects they are', () => {
  const { knows, look } = looked();
  knows.list = [...knows.list];
  knows.deep = { a: { b: [1] } };
  expect(look.differs).toBe(false);
});

test('that a producer was told is seen, whoever the traffic is of', () => {
  for (const side of Object.values(Side)) {
    const { look, k } = looked();
    expect(look.tells).toBe(false);
    k.cost[side + Cost.COMPLETIONS]!++;
    expect(look.tells).toBe(true);
    look.take();
    expect(look.tells).toBe(false);
  }
});

/** Counts what is freed at either host, or does not. Tells at the reply. */
class Counting extends GetPutPage {
  protected counted = 0;

  override replied(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan);
  }
}
class Frees extends Counting {
  override skbDestructor(): void {
    this.counted = (this.counted + 1) % 3;
  }
}

/** Counts the data that goes, which a program's reading makes go where nothing else does. */
class Reads extends Counting {
  override dataFree(shinfo: SkbSharedInfo): SkbSharedInfo | null {
    if (shinfo.nrFrags === 0) this.counted = (this.counted + 1) % 3;
    return super.dataFree(shinfo);
  }
}

test('a search of a design that hears of what is read lets nobody read first', () => {
  const design: Design = { ...naive, id: 'reads', create: (k) => new Reads(k) };
  const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
  const states = (of: Design, beliefs: Partial<Beliefs>): number =>
    explore(inputOf(of, 'bulk-loss'), { bound, beliefs, property: 'lost' }).states;
  expect(states(design, {})).toBe(states(design, { enough: null }));
  expect(states(naive, {})).toBeLessThan(states(naive, { enough: null }));
});

test('a search of a design that couples its hosts takes the steps of both everywhere', () => {
  const states = (kind: new (k: Services) => Counting, beliefs: Partial<Beliefs>): number => {
    const design: Design = { ...naive, id: kind.name, create: (k) => new kind(k) };
    const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
    return explore(inputOf(design, 'nfs-odirect'), { bound, beliefs }).states;
  };
  expect(states(Frees, {})).toBe(states(Frees, { enough: null }));
  expect(states(Counting, {})).toBeLessThan(states(Counting, { enough: null }));
});
