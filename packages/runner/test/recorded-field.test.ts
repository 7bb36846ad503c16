// A field that a candidate added to a struct, in its process: what it holds for lives that go on is told, and whatever else
// somebody finds a place for in it is gone when the next hook is asked, or refused.
import {
  GetPutPage,
  Loan,
  SideField,
  eraOf,
  type Kernel,
  type Page,
  type Services,
  type SkBuff,
  type SlabObject,
} from '@lastref/kernel';
import { Cell } from '@lastref/search';
import { workloadCalled } from '@lastref/workloads';
import { expect, test, vi } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { share } from '../src/candidates/shared.ts';
import { Names } from '../src/tape/names.ts';
import { RecordedField, clearOver, mustBeAsMade, type Keeps } from '../src/tape/recorded-field.ts';
import { designOf, said } from './taped.ts';

const nobody: Keeps = {
  lookedAt: () => undefined,
  told: (_, __, value) => value,
  mustBeOfMachine: () => undefined,
  forgetOver: () => undefined,
};

interface Open {
  values: unknown[];
  gens: number[];
  kind: unknown;
}

interface Added {
  readonly k: Kernel;
  readonly loans: readonly Loan[];
  readonly field: SideField<SlabObject, number>;
  readonly open: Open;
  /** The next hook begins. */
  readonly next: () => Open;
}

function added(): Added {
  const k = bareKernel({ era: '3.8' });
  const field = new RecordedField<SlabObject, number>(nobody);
  const open = field as unknown as Open;
  const loans = [k.loans.alloc(), k.loans.alloc(), k.loans.alloc()];
  const next = (): Open => {
    clearOver(new Names(k), field);
    const { values, gens, kind } = open;
    return { values: [...values], gens: [...gens], kind };
  };
  return { k, loans, field, open, next };
}

const NEVER_USED: Open = { values: [], gens: [], kind: null };

test('what is set for a life that goes on stays, and what was set for one that is over does not', () => {
  const { k, loans, field, next } = added();
  field.set(loans[0]!, 7);
  field.set(loans[2]!, 8);
  expect(next()).toEqual({ values: [7, undefined, 8], gens: [0, -1, 0], kind: Loan });
  k.loans.free(loans[2]!);
  expect(next()).toEqual({ values: [7], gens: [0], kind: Loan });
  k.loans.free(loans[0]!);
  expect(next()).toEqual(NEVER_USED);
});

test.each<[string, (of: Added) => void]>([
  ['for whom nothing is set', ({ field, loans }) => field.set(loans[1]!, undefined)],
  ['how long its lists are', ({ open }) => (open.values.length = 7)],
  ['how long the other one is', ({ open }) => (open.gens.length = 7)],
  ['what life nobody has', ({ open }) => (open.gens[5] = 3)],
  ['of which struct it is', ({ open }) => (open.kind = Loan)],
])('%s is gone when the next hook is asked', (_, keep) => {
  const of = added();
  keep(of);
  expect(of.next()).toEqual(NEVER_USED);
});

test('a 0 with a sign is the life that it is equal to', () => {
  const { loans, field, open, next } = added();
  field.set(loans[0]!, 7);
  open.gens[0] = -0;
  expect(Object.is(next().gens[0], 0)).toBe(true);
});

test.each<[string, (open: Open) => void]>([
  ['a kind that is none', (open) => (open.kind = { n: 7 })],
  ['a list of its own', (open) => (open.values = Object.assign([], { n: 7 }))],
  ['what looks like a list', (open) => (open.gens = { length: 0, n: 7 } as never)],
])('%s is refused', (_, keep) => {
  const { field, open } = added();
  mustBeAsMade([field], [field]);
  keep(open);
  expect(() => mustBeAsMade([field], [field])).toThrow('how a SideField is made');
});

test('nobody puts anything on it', () => {
  expect(() => Object.assign(added().field, { n: 7 })).toThrow('not extensible');
});

test('the machine has its fields in the order in which they were made, the last ones perhaps not yet', () => {
  const [a, b, c] = [0, 1, 2].map(() => new RecordedField<Page, number>(nobody));
  const [made, other] = [[a!, b!, c!], new SideField<Page, number>()];
  for (const all of [[], [a!], [a!, b!], made]) mustBeAsMade(all, made);
  for (const all of [[b!, a!], [a!, a!], [other], Object.assign([a!], { n: 1 })])
    expect(() => mustBeAsMade(all, made)).toThrow(/keeps state in/);
});

/** Has something with each packet as long as it is out, as designs that count transmissions do. */
class WithEachPacket extends GetPutPage {
  private readonly carried: SideField<SkBuff, number>;

  constructor(services: Services) {
    super(services);
    this.carried = services.sideField();
  }

  override charged(skb: SkBuff): void {
    this.carried.set(skb, 1);
  }

  override skbDestructor(skb: SkBuff): void {
    this.carried.set(skb, undefined);
  }
}
share({ WithEachPacket });

test('in a comparison a hook costs the same however many packets there were that a field had something for', () => {
  const looked = vi.spyOn(Names.prototype, 'skb');
  const words = said(
    designOf((services) => new WithEachPacket(services)),
    (design) => {
      new Cell({
        design,
        workload: workloadCalled('bulk-loss')!,
        era: eraOf('3.8')!,
        seed: 1,
      }).runByClock();
    },
  );
  expect(words.length).toBeGreaterThan(1000);
  expect(looked.mock.calls.length).toBeLessThan(words.length / 8); // for each packet that is named, not for each that there was
});

test('who gives a field to another kind of struct is told so only as long as something of the first one lives', () => {
  const k = bareKernel({ era: '3.8' });
  const field: RecordedField<SlabObject, number> = new RecordedField<SlabObject, number>({
    ...nobody,
    forgetOver: (of) => clearOver(new Names(k), of),
  });
  const [loan, other] = [k.loans.alloc(), k.shinfos.alloc()];
  field.set(loan, 7);
  expect(() => field.set(other, 8)).toThrow('two kinds of structs');
  k.loans.free(loan);
  field.set(other, 8);
  expect(field.get(other)).toBe(8);
});
