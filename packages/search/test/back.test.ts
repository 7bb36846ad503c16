// A machine under way is as it was when it comes back to a moment: bytes of pages and heads, packets, free lists, and what
// the judge knows. A byte that stays behind is a read of changed bytes that no design is to blame for.
import { createHash } from 'node:crypto';
import { Judge } from '@lastref/judge';
import {
  Page,
  Site,
  SkBuff,
  SkbSharedInfo,
  allocPage,
  allocSkb,
  declareState,
  declaredOf,
  kfreeSkb,
  putPage,
  skbClone,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { Frames } from '../src/exhaustive/frames.ts';
import { Moments, type Moment } from '../src/exhaustive/moment.ts';
import { Cell, MachineFingerprint, MachineInUse, Start, poison } from '../src/index.ts';
import { inputOf } from './cells.ts';

/** Pages are lent and in a packet, next to a packet with a small head and one with a large one. */
interface UnderWay {
  readonly start: Pick<Start, 'moment' | 'machineAt'>;
  readonly cell: Cell;
  readonly sent: SkBuff;
  readonly page: Page;
  readonly small: SkBuff;
  readonly large: SkBuff;
  /** Of a pair, and held by nobody but the test. */
  readonly clone: SkBuff;
}

/** What `one` is made of is a class that nobody has met, and does what its class does. */
function isNew(one: object): void {
  const { constructor: kind } = one as { constructor: new () => object };
  class Anew extends kind {}
  if (declaredOf(kind) !== null) declareState(Anew, {});
  Object.setPrototypeOf(one, Anew.prototype);
}

/** A machine at the start, which is set back by itself: how a class is kept is asked here for the first time. */
function ofNewClasses(): UnderWay['start'] & Pick<Start, 'machine'> {
  const input = inputOf(ian, 'loopback-slow-reader');
  const cell = new Start(input, false, false).newMachine();
  const { k, judge } = cell;
  for (const slab of [k.skbs, k.fclones, k.shinfos, k.pages, k.loans]) {
    for (const one of slab.all) {
      isNew(one);
      if (one instanceof SkBuff && one.pair !== null) isNew(one.pair);
    }
    isNew(slab);
  }
  for (const one of [k, k.agenda, judge.evidence.ranges, judge.evidence.ranges.memory]) isNew(one);
  const moments = new Moments(cell, [input.workload, input.era, input.design, input]);
  const machineAt = (moment: Moment): Cell => {
    moments.restore(moment);
    return cell;
  };
  return { machine: () => cell, moment: () => moments.keep(), machineAt };
}

function underWay(met: boolean): UnderWay {
  const input = inputOf(ian, 'loopback-slow-reader');
  const start = met ? new Start(input, false, true) : ofNewClasses();
  const cell = start.machine();
  const { k } = cell;
  const small = allocSkb(k, 100, false);
  const large = allocSkb(k, 3000, false);
  const clone = skbClone(k, allocSkb(k, 100, true), Site.TAP);
  const carries = ({ live, shinfo }: SkBuff): boolean => live && shinfo.nrFrags > 0;
  while (![...k.skbs.all, ...k.fclones.all].some(carries)) cell.clock();
  const sent = [...k.skbs.all, ...k.fclones.all].find(carries)!;
  return { start, cell, sent, page: sent.shinfo.frags[0]!.page, small, large, clone };
}

const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** All that can be told of the machine: every byte that it has in use, what is possible, who is free and comes next. */
function lookOf(cell: Cell): string[] {
  const { k, judge, recorder } = cell;
  const print = new MachineFingerprint();
  print.of(cell, 0);
  const { memory } = judge.evidence.ranges;
  const slabs = [k.skbs, k.fclones, k.shinfos, k.pages, k.loans];
  const heads = k.shinfos.all.filter(({ live }) => live);
  const all = [...k.skbs.all, ...k.fclones.all];
  const packets = [...all, ...all.flatMap(({ pair }) => pair ?? [])].filter(({ live }) => live);
  const frees = slabs.map((slab) => {
    const names: string[] = [];
    slab.forEachFree((o) => {
      const pair = o instanceof SkBuff && o.pair !== null ? `.${o.pair.gen}.${o.pair.live}` : '';
      if (o.gen > 0) names.push(`${o.slot}.${o.gen}.${o.live}${pair}`);
    });
    return names.reverse().slice(0, 20).join(); // who was never had by anybody might as well not be there
  });
  return [
    ...k.pages.all.map(({ address }) => sumOf(k.mem.subarray(address, address + 4096))),
    ...heads.map(({ head, end }) => `${head} ${sumOf(k.mem.subarray(head, end))}`),
    sumOf(memory.bytes.subarray(0, memory.used)),
    `${memory.used} ${judge.step} ${judge.everything.length} ${judge.lentPages().length}`,
    `${(Reflect.get(recorder, 'taken') as unknown[]).length} steps taken`,
    ...packets.map(({ slot, live, gen, seq, len, users }) =>
      [slot, live, gen, seq, len, users].join(),
    ),
    `${k.agenda.now} ${k.headBytes} ${k.allocations} ${k.failIn}`,
    ...slabs.map(({ used }) => `${used}`),
    ...frees,
    `${print.hi} ${print.lo}`,
  ];
}

/** A page that nobody has. */
const freePage = ({ k }: Cell): Page => k.pages.all.find(({ live }) => !live)!;

function write({ k }: Pick<Cell, 'k'>, page: Page, at: number): void {
  k.mem[page.address + at]! ^= 1;
  page.writes++;
}

describe.each([
  ['', true],
  [' whose classes nobody has met', false],
])('a machine under way%s', (_, met) => {
  test.each<[string, (at: UnderWay) => void]>([
    ['the first byte of a page that is lent', ({ cell, page }) => write(cell, page, 0)],
    ['the last one', ({ cell, page }) => write(cell, page, 4095)],
    ['a byte of a small head', ({ cell: { k }, small }) => (k.mem[small.shinfo.head]! ^= 1)],
    ['the last of it', ({ cell: { k }, small }) => (k.mem[small.shinfo.end - 1]! ^= 1)],
    ['a byte of a large head', ({ cell: { k }, large }) => (k.mem[large.shinfo.head]! ^= 1)],
    ['the last of that', ({ cell: { k }, large }) => (k.mem[large.shinfo.end - 1]! ^= 1)],
    ['a page that nobody has', ({ cell }) => write(cell, freePage(cell), 7)],
    [
      'a copy that the judge keeps in place of another',
      ({ cell: { k, judge }, small }) => {
        const { memory } = judge.evidence.ranges;
        memory.release(0);
        expect(memory.keep(k.mem, small.shinfo.head, 600)).toBe(0);
      },
    ],
    [
      'more copies than it had room for',
      ({ cell: { k, judge }, small }) => {
        const { memory } = judge.evidence.ranges;
        for (let i = 0; i < 12; i++) memory.keep(k.mem, small.shinfo.head, 600);
      },
    ],
    ['a number of a packet', ({ sent }) => sent.seq++],
    ['a number of a clone', ({ clone }) => clone.seq++],
    ['a clone less', ({ cell: { k }, clone }) => kfreeSkb(k, clone)],
    ['a fragment', ({ sent }) => sent.shinfo.frags[0]!.size--],
    ['how many fragments there are', ({ sent }) => (sent.shinfo.nrFrags = 0)],
    ['who refers to a page', ({ page }) => page.count++],
    ['the clock', ({ cell: { k } }) => (k.agenda.now += 5)],
    ['an allocation that is to fail', ({ cell: { k } }) => (k.failIn = 3)],
    ['a packet more', ({ cell: { k } }) => allocSkb(k, 100, false)],
    ['a pair of packets more', ({ cell: { k } }) => allocSkb(k, 100, true)],
    ['a packet less', ({ cell: { k }, small }) => kfreeSkb(k, small)],
    ['a page more', ({ cell: { k } }) => allocPage(k)],
    [
      'as many pages as there are',
      ({ cell: { k } }) => {
        while (k.pages.used < k.frames) allocPage(k);
      },
    ],
    ['a page that comes and goes', ({ cell: { k } }) => putPage(k, allocPage(k))],
    [
      'more packets than were ever made',
      ({ cell: { k } }) => {
        for (let i = 0; i < 60; i++) allocSkb(k, 100, i % 2 === 0);
      },
    ],
    ['a loan', ({ cell: { k } }) => k.newLoan(0, 9)],
    ['a step', ({ cell }) => cell.clock()],
    [
      'a step of a list',
      ({ cell }) => {
        const { agenda } = cell.k;
        const place = agenda.earliest();
        expect(cell.take(place, 0, agenda.sources[place]!.item())).toBe(true);
      },
    ],
    [
      'five steps',
      ({ cell }) => {
        for (let i = 0; i < 5; i++) cell.clock();
      },
    ],
    [
      'all that is left to do',
      ({ cell }) => {
        while (cell.k.agenda.earliest() >= 0) cell.clock();
      },
    ],
  ])('%s: as before when the machine is, and as behind it', (__, change) => {
    const at = underWay(met);
    const { start, cell } = at;
    const [before, first] = [lookOf(cell), start.moment()!];
    change(at);
    const [after, second] = [lookOf(cell), start.moment()!];
    expect(after).not.toEqual(before);
    for (const [moment, look] of [
      [first, before],
      [second, after],
      [first, before],
      [first, before],
      [second, after],
    ] as [Moment, string[]][]) {
      expect(lookOf(start.machineAt(moment))).toEqual(look);
    }
    start.machineAt(first);
    change(at); // of which no moment is kept
    expect(lookOf(start.machineAt(first))).toEqual(before);
  });

  test('whose memory grew goes on in that, wherever it comes back to: of the old one nobody looks after the bytes', () => {
    const { start, cell } = underWay(met);
    const { k } = cell;
    const [before, first] = [lookOf(cell), start.moment()!];
    const old = k.mem;
    while (k.mem === old) k.kmalloc(5);
    const [grown, after, second] = [k.mem, lookOf(cell), start.moment()!];
    write(cell, freePage(cell), 9);
    for (const [moment, look] of [
      [first, before],
      [second, after],
      [first, before],
    ] as const) {
      expect(lookOf(start.machineAt(moment))).toEqual(look);
      expect(k.mem === grown).toBe(true);
    }
  });

  test('knows of a pair whose first was freed that the other is the last', () => {
    const { start, cell, clone } = underWay(met);
    const { k } = cell;
    const first = k.fclones.all.find(({ pair }) => pair === clone)!;
    const [both, { used }] = [start.moment()!, k.fclones];
    kfreeSkb(k, first);
    const one = start.moment()!;
    for (const moment of [one, both, one]) {
      start.machineAt(moment);
      if (moment === both) kfreeSkb(k, first);
      expect([first.live, clone.live, k.fclones.used]).toEqual([false, true, used]);
      kfreeSkb(k, clone);
      expect(k.fclones.used).toBe(used - 1);
    }
  });
});

describe('bytes', () => {
  const POISON = 0x6b;

  /** A machine that was not under way, with a page that somebody has and one that nobody has. */
  function frames() {
    const input = inputOf(ian, 'loopback-slow-reader');
    const { k } = new Cell({ ...input, workload: { ...input.workload, frames: 256 } });
    const [page, gone] = [allocPage(k), allocPage(k)];
    putPage(k, gone);
    const at = new Frames(k);
    const bytes = ({ address }: Page) => Buffer.from(k.mem.subarray(address, address + 4096));
    return { k, at, page, gone, bytes };
  }

  test('of a page or a head that did not change are kept once', () => {
    const { k, at, page } = frames();
    const kept = at.keepPage(page, null);
    expect(at.keepPage(page, kept)).toBe(kept);
    k.mem[page.address + 4095]! ^= 1;
    const other = at.keepPage(page, kept);
    expect(other).not.toBe(kept);
    k.mem[page.address + 4095]! ^= 1;
    expect(at.keepPage(page, other)).toEqual(kept);
    for (const size of [100, 3000]) {
      const { shinfo } = allocSkb(k, size, false);
      const head = at.keepHead(shinfo, null);
      expect(at.keepHead(shinfo, head)).toBe(head);
      k.mem[shinfo.end - 1]! ^= 1;
      expect(at.keepHead(shinfo, head)).not.toEqual(head);
    }
  });

  test('of a head that was another one, shorter or longer, are those that it has now', () => {
    const { k, at } = frames();
    const sizes = [1, 300, 600, 3000, 600, 1];
    let kept: unknown = null;
    for (const size of sizes) {
      const { shinfo } = allocSkb(k, size, false);
      const { head, end } = shinfo;
      k.mem.fill(0xdd, end, end + 64); // somebody else's
      kept = at.keepHead(shinfo, kept);
      const before = k.mem.slice(head, end + 64);
      k.mem.fill(0xee, head, end);
      at.restoreHead(shinfo, kept);
      expect(k.mem.slice(head, end + 64)).toEqual(before);
    }
  });

  test('of what has no frame, or no data area of its own, are nothing', () => {
    const { k, at, page } = frames();
    const { shinfo } = allocSkb(k, 100, false);
    expect(at.keepPage(Object.assign(new Page(), { slot: 9 }), null)).toBeNull();
    expect(at.keepHead(Object.assign(new SkbSharedInfo(), { headPage: page }), null)).toBeNull();
    expect(at.keepHead(Object.assign(new SkbSharedInfo(), { slot: -1 }), null)).toBeNull();
    const before = k.mem.slice();
    at.free(Object.assign(new Page(), { slot: 9 }));
    at.restoreHead(shinfo, null);
    at.restorePage(page, null);
    expect(k.mem.every((byte, i) => byte === before[i])).toBe(true);
  });

  test('of a page that nobody has are poison again, unless a moment has others', () => {
    const { k, at, gone, page, bytes } = frames();
    at.refresh();
    expect(bytes(gone).every((byte) => byte === POISON)).toBe(true);
    expect(at.writtenWhileFree()).toBeNull();
    write({ k }, gone, 5);
    const written = at.writtenWhileFree();
    expect(written).toEqual([[gone.slot, bytes(gone)]]);
    expect(at.writtenWhileFree()).toEqual(written); // as often as one asks
    at.refresh();
    expect([bytes(gone)[5], at.writtenWhileFree()]).toEqual([POISON, null]);
    at.write(written!);
    expect([bytes(gone)[5], at.writtenWhileFree()]).toEqual([POISON ^ 1, written]);
    at.refresh();
    expect(bytes(gone)[5]).toBe(POISON);
    gone.writes++; // with what stood there
    expect(at.writtenWhileFree()).toBeNull();
    // whoever had it meanwhile left something in it
    const kept = at.keepPage(page, null);
    putPage(k, page);
    at.refresh();
    at.restorePage(page, kept);
    expect(at.writtenWhileFree()?.map(([slot]) => slot)).toEqual([page.slot]);
  });

  test('of a page that was written before anybody looked, once or twice, are seen as well; one without a frame has none', () => {
    for (const times of [1, 2]) {
      const { k } = frames();
      const [gone, none] = [allocPage(k), k.pages.alloc()];
      putPage(k, gone);
      k.pages.free(none);
      write({ k }, gone, 5);
      gone.writes = times;
      const at = new Frames(k);
      expect(none.address).toBe(-1);
      expect(at.writtenWhileFree()?.map(([slot]) => slot)).toContain(gone.slot);
      at.refresh();
      expect(at.writtenWhileFree()).toBeNull();
    }
  });

  test('of a page that somebody has stay what they are where all others are poisoned', () => {
    const { k, page, gone, bytes } = frames();
    k.mem.fill(7, page.address, page.address + 4096);
    k.mem.fill(7, gone.address, gone.address + 4096);
    const mine = bytes(page);
    poison(k);
    expect([bytes(page), k.pages.all.length]).toEqual([mine, k.frames]);
    const free = k.pages.all.filter(({ live }) => !live);
    expect(free.flatMap((one) => [...bytes(one)]).filter((byte) => byte !== POISON)).toEqual([]);
  });

  test('are those of the memory that the machine has now, which it replaces as it grows', () => {
    const { k, at, page, gone, bytes } = frames();
    const kept = at.keepPage(page, null);
    const { shinfo } = allocSkb(k, 100, false);
    const head = at.keepHead(shinfo, null);
    const old = k.mem;
    while (k.mem === old) k.kmalloc(5);
    write({ k }, page, 3);
    write({ k }, gone, 3);
    k.mem[shinfo.head]! ^= 1;
    expect(at.keepPage(page, kept)).not.toBe(kept);
    expect(at.keepHead(shinfo, head)).not.toBe(head);
    expect(at.writtenWhileFree()).toEqual([[gone.slot, bytes(gone)]]);
    at.restorePage(page, kept);
    at.restoreHead(shinfo, head);
    at.refresh();
    expect(at.keepPage(page, kept)).toBe(kept);
    expect(at.keepHead(shinfo, head)).toBe(head);
    expect(bytes(gone)[3]).toBe(POISON);
  });

  test('of more pages than anybody had in mind are looked after as well', () => {
    const { k, at } = frames();
    const many = Array.from({ length: 200 }, () => allocPage(k));
    for (const page of many) putPage(k, page);
    at.refresh();
    expect(at.writtenWhileFree()).toBeNull();
    const some = many.filter((_, i) => i % 50 === 7);
    for (const page of some) write({ k }, page, 1);
    const seen = at.writtenWhileFree()!.map(([slot]) => slot);
    expect(new Set(seen)).toEqual(new Set(some.map(({ slot }) => slot)));
    at.refresh();
    expect(at.writtenWhileFree()).toBeNull();
  });
});

test('a machine that somebody goes through by himself comes back with its costs', () => {
  const judge = new Judge();
  judge.always = true;
  const cell = new Cell(inputOf(ian, 'loopback-slow-reader'), judge);
  poison(cell.k);
  const machine = new MachineInUse(cell);
  const fingerprint = (): string => {
    const print = new MachineFingerprint();
    print.of(cell, 0);
    return `${print.hi} ${print.lo}`;
  };
  const [before, costs, mark] = [fingerprint(), [...cell.k.ledger.counts], machine.mark()];
  for (let n = 0; n < 20; n++) cell.clock();
  expect(fingerprint()).not.toBe(before);
  expect([...cell.k.ledger.counts]).not.toEqual(costs);
  machine.backTo(mark);
  expect(fingerprint()).toBe(before);
  expect([...cell.k.ledger.counts]).toEqual(costs);
});

test('what it was made of does not come back with it: whoever counts there goes on counting', () => {
  const judge = new Judge();
  judge.always = true;
  const input = inputOf(ian, 'loopback-slow-reader');
  const counts = { workload: [0], design: [0], watched: [0], input: [0] };
  const noted = {
    ...input,
    counts: counts.input,
    workload: { ...input.workload, counts: counts.workload },
    design: { ...input.design, counts: counts.design },
    watched: Object.assign(Object.create(input.era) as typeof input.era, {
      counts: counts.watched,
    }),
  };
  const cell = new Cell(noted, judge);
  poison(cell.k);
  const machine = new MachineInUse(cell);
  const mark = machine.mark();
  for (const list of Object.values(counts)) list[0]!++;
  machine.backTo(mark);
  expect(counts).toEqual({ workload: [1], design: [1], watched: [1], input: [1] });
});
