// What two hosts may have in common by way of a design: a search that overlooks it takes their steps for independent and
// leaves out orders that matter.
import {
  Cost,
  GetPutPage,
  Life,
  Side,
  SideField,
  allocPage,
  allocSkb,
  kfreeSkb,
  type CloneAnswer,
  type Site,
  type SkBuff,
  type SlabObject,
  type SkbFrag,
  type SkbSharedInfo,
  type Sock,
  type Design,
  type Kernel,
  type Loan,
  type Services,
} from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { DesignLook, HostsAreCoupled, KNOWN, SEES } from '../src/exhaustive/coupled.ts';
import { DepthFirst } from '../src/exhaustive/depth-first.ts';
import { DEFAULT_BOUND, Start, explore, type Beliefs } from '../src/index.ts';
import { PerFrag } from '../../kernel/test/designs.ts';
import { bareCell, inputOf } from './cells.ts';

function nested(deep: number): unknown {
  return deep === 0 ? 1 : [nested(deep - 1)];
}

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
function looked(machine: Partial<Kernel> = {}): { knows: Knows; look: DesignLook; k: Kernel } {
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
  const zerocopyQueues: unknown[] = [];
  const look = new DesignLook({
    ...machine,
    lifetime: knows,
    cost,
    zerocopyQueues,
  } as unknown as Kernel);
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
});

test('a list that hangs deeper than anybody looks may have changed in any step', () => {
  const { knows, look } = looked();
  knows.nothing = nested(6) as object;
  look.take();
  expect(look.differs).toBe(true);
});

test('what stands with objects of the machine is not common to two hosts, unless the design keeps one of these', () => {
  const { k } = bareCell();
  const field = k.sideField<Loan, unknown>();
  const { knows, look } = looked({ sideFields: k.sideFields });
  const [mine, other] = [k.newLoan(0, 0), k.newLoan(0, 0)];
  const writes: [string, (loan: Loan) => void][] = [
    ['a count', (loan) => void loan.refs++],
    ['a value of a field', (loan) => field.set(loan, 1)],
    ['something in it', (loan) => field.set(loan, [[1]])],
    ['where that leads', (loan) => field.set(loan, { other })],
  ];
  expect(field).toBeInstanceOf(SideField);
  knows.list = [mine, field];
  for (const [what, write] of writes) {
    look.take();
    write(other);
    expect([what, look.differs]).toEqual([what, false]);
    write(mine);
    expect([what, look.differs]).toEqual([what, true]);
  }
  look.take();
  other.refs++; // which a field leads to by now
  expect(look.differs).toBe(true);
  look.take();
  knows.list[0] = k.newLoan(0, 0); // another one is something else to know
  expect(look.differs).toBe(true);
});

test('a packet that a design keeps leads to its data, to the entries there, and to their pages', () => {
  const { k } = bareCell();
  const { knows, look } = looked({ sideFields: k.sideFields });
  const field = k.sideField<SlabObject, number>();
  const skb = allocSkb(k, 128, false);
  const page = allocPage(k);
  const frag = k.fillPageDesc(skb, page, 0, 100);
  const { shinfo } = skb;
  shinfo.headPage = allocPage(k);
  const loan = (frag.loan = k.newLoan(0, 0));
  const writes: [string, () => unknown][] = [
    ['the packet', () => (skb.cb = loan)],
    ['a flag of it', () => (skb.cloned = 1)],
    ['who has the data', () => shinfo.dataref++],
    ['the page of its head', () => shinfo.headPage!.count++],
    ['an entry', () => (frag.loan = k.newLoan(0, 1))],
    ['a page', () => page.count++],
    ['a page in its pool', () => page.ppRefs++],
    ['a loan', () => frag.loan!.refs++],
    ['a field of a page', () => field.set(page, 1)],
  ];
  knows.list = [skb];
  for (const [what, write] of writes) {
    look.take();
    expect([what, look.differs]).toEqual([what, false]);
    write();
    expect([what, look.differs]).toEqual([what, true]);
  }
});

test('that the life of something which it keeps is over is seen', () => {
  const { k } = bareCell();
  const { knows, look } = looked();
  const skb = allocSkb(k, 128, false);
  knows.list = [new Life(skb)];
  look.take();
  kfreeSkb(k, skb);
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

test('that a producer will read of it is seen, also where that makes a range longer', () => {
  const { k } = bareCell();
  const look = new DesignLook(k);
  for (const [lo, hi] of [
    [0, 0],
    [1, 1],
    [7, 9],
  ] as const) {
    look.take();
    expect(look.tells).toBe(false);
    k.notify(0, lo, hi, false);
    expect(look.tells).toBe(true);
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

/** Counts in each frag, and completes with the last one. */
class Counted extends PerFrag {
  override keepsOwner(): boolean {
    return true;
  }
}

function carriesLoan({ shinfo }: SkBuff): boolean {
  return shinfo.frags.slice(0, shinfo.nrFrags).some((frag) => frag.loan !== null);
}

/**
 * Forgets its producer where the driver is through with the data before they arrive. What both hosts know of that stands in a
 * shared info of the handshake, which it keeps.
 */
class Pinned extends Counted {
  private readonly stage = this.k.sideField<SkbSharedInfo, string>();
  private pinned: SkbSharedInfo | null = null;
  private client: Sock | null = null;

  private is(before: string, now: string): void {
    if (this.pinned !== null && this.stage.get(this.pinned) === before)
      this.stage.set(this.pinned, now);
  }

  override clone(skb: SkBuff, site: Site): CloneAnswer {
    if (this.pinned === null) {
      this.pinned = skb.shinfo;
      this.k.getData(skb.shinfo);
      this.stage.set(skb.shinfo, 'nothing');
    } else if (carriesLoan(skb)) {
      this.is('sent', 'sent again');
      this.is('nothing', 'sent');
    }
    return super.clone(skb, site);
  }
  override charged({ sk }: SkBuff): void {
    this.client ??= sk;
    if (sk === this.client) return;
    this.is('sent', 'well');
    this.is('sent, and freed', 'badly');
  }
  override skbDestructor(skb: SkBuff): void {
    if (carriesLoan(skb)) this.is('sent', 'sent, and freed');
  }
  override released(loan: Loan): void {
    if (this.stage.get(this.pinned!) !== 'badly') super.released(loan);
  }
}

/** Forgets its producer where a program has three packets that it has not read. */
class SeesWhoReads extends Counted {
  private unread = false;

  override charged({ sk }: SkBuff): void {
    if (sk !== null && sk.rmemAlloc > 2 * 2280) this.unread = true;
  }
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null || !this.unread) super.fragUnref(shinfo, frag);
  }
}

/** Forgets its producer where an ACK comes before the device that sent it is through with it. */
class SeesWhatIsOut extends Counted {
  private client: Sock | null = null;
  private out = false;

  override charged({ sk }: SkBuff): void {
    this.client ??= sk;
    if (sk !== this.client) this.out = true;
  }
  override skbDestructor({ sk }: SkBuff): void {
    if (sk !== this.client) this.out = false;
  }
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null || !this.out) super.fragUnref(shinfo, frag);
  }
}

/** The same where a field of the loan knows it: to have that loan is all that it learns itself, and at one host. */
class SeesByTheLoan extends Counted {
  private readonly out = this.k.sideField<Loan, boolean>();
  private loan: Loan | null = null;

  override begins(loan: Loan): void {
    this.loan = loan;
  }
  override charged({ sk }: SkBuff): void {
    if (this.loan?.live === true && sk !== null && sk.rmemAlloc > 0) this.out.set(this.loan, true);
  }
  override skbDestructor({ sk }: SkBuff): void {
    if (this.loan?.live === true && sk !== null && sk.rmemAlloc > 0) this.out.set(this.loan, false);
  }
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null || this.out.get(frag.loan) !== true) super.fragUnref(shinfo, frag);
  }
}

/** Forgets its producer where more than `many` answers of the peer are out: it knows that by what stands with a loan that it keeps. */
class KnowsByTheLoan extends Counted {
  private client: Sock | null = null;
  private first: Loan | null = null;

  override lend(...all: Parameters<Counted['lend']>): void {
    super.lend(...all);
    this.first ??= all[4];
  }
  override charged({ sk }: SkBuff): void {
    this.client ??= sk;
    if (sk !== this.client && this.first?.live === true) this.add(this.first, 1);
  }
  override skbDestructor({ sk }: SkBuff): void {
    if (sk !== this.client && this.first?.live === true) this.add(this.first, -1);
  }
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null || this.first?.live !== true || this.out(this.first) <= 2)
      super.fragUnref(shinfo, frag);
  }
  protected add(_loan: Loan, _n: number): void {}
  protected out(_loan: Loan): number {
    return 0;
  }
}

class InAField extends KnowsByTheLoan {
  private readonly count = this.k.sideField<Loan, number>();

  protected override add(loan: Loan, n: number): void {
    this.count.set(loan, this.out(loan) + n);
  }
  protected override out(loan: Loan): number {
    return this.count.get(loan) ?? 0;
  }
}

/** Its holders it counts elsewhere. */
class InItsCount extends KnowsByTheLoan {
  private readonly holders = this.k.sideField<Loan, number>();

  private hold(loan: Loan, n: number): void {
    const now = (this.holders.get(loan) ?? 1) + n;
    this.holders.set(loan, now);
    if (now === 0) this.k.complete(loan);
  }
  override lend(...all: Parameters<Counted['lend']>): void {
    super.lend(...all);
    all[4].refs--;
    this.hold(all[4], 1);
  }
  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null) super.fragRef(shinfo, frag);
    else this.hold(frag.loan, 1);
  }
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null) super.fragUnref(shinfo, frag);
    else if (frag.loan.refs <= 2) this.hold(frag.loan, -1);
  }
  override released(loan: Loan): void {
    this.hold(loan, -1);
  }
  protected override add(loan: Loan, n: number): void {
    if (n > 0) this.k.hold(loan);
    else if (loan.refs > 1) this.k.drop(loan);
  }
}

test.each([
  ['by a field of something that was there before, and that it keeps', 'nfs-odirect', Pinned],
  ['by what a program has not read', 'bulk-loss', SeesWhoReads],
  ['by what a device has not sent', 'bulk-loss', SeesWhatIsOut],
  ['by what a device has not sent, in a field of the loan', 'bulk-loss', SeesByTheLoan],
  ['by a field of a loan that it keeps', 'bulk-loss', InAField],
  ['by who holds a loan that it keeps', 'bulk-loss', InItsCount],
] as const)('a design that couples its hosts %s is refuted', (_, workload, Kind) => {
  const design: Design = { ...naive, id: Kind.name, create: (k) => new Kind(k) };
  const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
  const { result, finding } = explore(inputOf(design, workload), { bound });
  expect([result, finding?.property]).toEqual(['refuted', 'lost']);
});

/** As what stands for a candidate: of what it looks at it is said. */
class Elsewhere extends Counted {
  get [KNOWN](): number {
    return 1;
  }
  get [SEES](): boolean {
    return false;
  }
}

class LooksAround extends Elsewhere {
  override get [SEES](): boolean {
    return true;
  }
}

test('nothing is done first, or at once, where foreign code looks at what waits', () => {
  const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
  const statesOf = (Kind: typeof Counted, reduction = true): number => {
    const design: Design = { ...naive, id: 'counted', create: (k) => new Kind(k) };
    const { result, states } = explore(inputOf(design, 'sendfile-locked'), { bound, reduction });
    expect(result).toBe('exhausted');
    return states;
  };
  const own = statesOf(Counted);
  expect(statesOf(Elsewhere)).toBe(own);
  expect(statesOf(LooksAround)).toBeGreaterThan(own);
});

/** Knows of what the other host sends for as long as its device has it, which of what is done at once is no time at all. */
class KnowsForAMoment extends PerFrag {
  private isOut = false;
  private client: Sock | null = null;

  override charged({ sk }: SkBuff): void {
    this.client ??= sk;
    if (sk !== this.client) this.isOut = true;
  }

  override skbDestructor({ sk }: SkBuff): void {
    if (sk !== this.client) this.isOut = false;
  }

  get knowsIt(): boolean {
    return this.isOut;
  }
}

test.each([
  ['where the steps of one host are enough', undefined],
  ['where those of both are taken', null],
])(
  'what a design knows for the moment of what is done at once a search sees by itself, %s',
  (_, enough) => {
    const design: Design = { ...naive, id: 'moment', create: (k) => new KnowsForAMoment(k) };
    const beliefs: Partial<Beliefs> = enough === null ? { enough } : {};
    const options = { bound: { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 }, beliefs };
    const search = new DepthFirst(options, new Start(inputOf(design, 'bulk-loss'), true, true));
    expect(() => search.search(1000)).toThrow(HostsAreCoupled);
    const other: Design = { ...naive, id: 'other', create: (k) => new PerFrag(k) };
    const plain = new DepthFirst(options, new Start(inputOf(other, 'bulk-loss'), true, true));
    expect([plain.search(1000), plain.isOpen]).toEqual([null, false]);
  },
);
