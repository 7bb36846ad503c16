// What the judge makes of single events, told to it by hand on a machine on which nothing else happens: each word, each figure,
// and what each leaves open. Whole runs have so much in them that a wrong word hides behind a right one.
import {
  Context,
  PROCESS_ONLY,
  PageHome,
  Party,
  Reader,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import {
  Continuations,
  LoanRecord,
  Oracle,
  ReaderList,
  byGravity,
  cardOf,
  type Finding,
} from '../src/index.ts';
import { LentRanges } from '../src/truth/ranges.ts';
import { FlowShadow, Lent } from '../src/truth/shadow.ts';
import { covers } from '../src/truth/walk.ts';
import { FLOW, hearing } from './hearing.ts';

describe('a page', () => {
  test.each<[string, PageHome, PageHome, string]>([
    ['of a pool, to the free list', PageHome.POOL, PageHome.GENERAL, 'stray free list'],
    ['of a guest, to a pool', PageHome.FOREIGN, PageHome.POOL, 'stray page pool'],
    ['of the free list, to a pool', PageHome.GENERAL, PageHome.POOL, 'stray page pool'],
  ])('%s, is stray: by a reference of the wrong kind', (_, home, to, expected) => {
    const { judge, page, lend, said, verdict } = hearing();
    const of = page(home);
    const loan = lend(of);
    judge.pageFreed(of, to);
    expect(said()).toEqual([`${expected} ${loan.id}`]);
    expect(judge.findings[0]!.text).toMatch(/by a reference of the wrong kind$/);
    expect(verdict('stray')).toBe('refuted');
  });

  test('goes home once, and again only after it was handed out again', () => {
    const { judge, page, lend, said } = hearing();
    const of = page(PageHome.POOL);
    const loan = lend(of);
    judge.pageFreed(of, PageHome.POOL);
    judge.pageTaken(of);
    judge.pageFreed(of, PageHome.POOL);
    expect(said()).toEqual([]);
    judge.pageFreed(of, PageHome.POOL);
    expect(said()).toEqual([`stray page pool ${loan.id}`]);
    expect(judge.findings[0]!.text).toContain('a second time');
    judge.lent(loan, of, 0, 10, FLOW, 0); // lending takes it, too
    judge.pageFreed(of, PageHome.POOL);
    expect(judge.findings).toHaveLength(1);
    expect(judge.findings[0]!.count).toBe(1);
  });

  test('of the free list goes there if its producer gave it up, or has lent nothing of it', () => {
    const { judge, page, lend, said, verdict } = hearing();
    judge.pageFreed(page(), PageHome.GENERAL);
    expect([said(), verdict('stray')]).toEqual([[], 'not-exercised']);
    const [given, owned] = [page(), page()];
    lend(given);
    const loan = lend(owned);
    judge.pageDisowned(given);
    judge.pageFreed(given, PageHome.GENERAL);
    expect([said(), verdict('stray')]).toEqual([[], 'holds']);
    judge.pageFreed(owned, PageHome.GENERAL);
    expect(said()).toEqual([`stray free list ${loan.id}`]);
  });

  test('at home, or given up, is remembered as such: it tells two machines apart', () => {
    const remembered = (act: (h: ReturnType<typeof hearing>, of: Page) => void): string => {
      const hears = hearing();
      const of = hears.page(PageHome.POOL);
      act(hears, of);
      const out: unknown[] = [];
      const name = (v: unknown) => (v === of ? 'the page' : typeof v === 'object' ? 'other' : v);
      hears.judge.remembered({ value: (v) => out.push(name(v)), number: (n) => out.push(n) });
      return out.join(' ');
    };
    const ways: ((h: ReturnType<typeof hearing>, of: Page) => void)[] = [
      () => {},
      ({ judge }, of) => judge.pageFreed(of, PageHome.POOL),
      ({ judge }, of) => judge.pageDisowned(of),
    ];
    expect(new Set(ways.map(remembered)).size).toBe(3);
    const back = remembered(({ judge }, of) => {
      judge.pageFreed(of, PageHome.POOL);
      judge.pageTaken(of);
    });
    expect(back).toBe(remembered(ways[0]!));
  });

  test('that somebody has lent is no place to write, one of the stack’s own is', () => {
    const { judge, page, lend, said, verdict } = hearing();
    expect(verdict('unmarked')).toBe('not-exercised');
    judge.written(null);
    judge.written(page());
    expect([said(), verdict('unmarked')]).toEqual([[], 'holds']);
    const of = page();
    const loan = lend(of);
    judge.written(of);
    judge.written(of);
    expect([said(), judge.findings[0]!.count]).toEqual([
      [`unmarked in-place writer ${loan.id}`],
      2,
    ]);
  });

  test('that a driver received into is the stack’s to write, also when its pool has given it up', () => {
    const { judge, page, lend, said, verdict } = hearing();
    const of = page(PageHome.POOL);
    lend(of);
    judge.written(of);
    of.home = PageHome.GENERAL;
    judge.pageDisowned(of);
    judge.written(of);
    expect([said(), verdict('unmarked')]).toEqual([[], 'holds']);
  });
});

describe('a notification', () => {
  test('about calls that lent nothing, or of somebody who never lends, says nothing untrue', () => {
    const { judge, said, verdict } = hearing();
    expect(verdict('dishonest')).toBe('not-exercised');
    judge.notified(77, 0, 3, false);
    judge.finish(true);
    expect([said(), verdict('dishonest')]).toEqual([[], 'holds']);
  });

  test('is about each call once', () => {
    const { judge, lend, said, k } = hearing();
    const loans = [0, 1, 2].map((call) => Object.assign(k.newLoan(3, 0), { call }));
    for (const loan of loans) lend(undefined, loan);
    judge.notified(3, 0, 1, false);
    expect(said()).toEqual([]);
    judge.notified(3, 1, 2, false);
    expect(said()).toEqual([`dishonest range ${loans[1]!.id}`]);
  });

  test('that covers a loan which somebody can still read is untrue', () => {
    const { judge, lend, page, packet, holds, step, said, k } = hearing();
    const [here, gone] = [page(), page()];
    const loans = [here, gone].map((of, call) =>
      lend(of, Object.assign(k.newLoan(3, 0), { call })),
    );
    holds('tx ring', packet(here, 1000));
    step(() => {
      judge.notified(3, 0, 1, false);
      for (const loan of loans) judge.completed(loan);
    });
    expect(said()).toEqual([`early tx ring ${loans[0]!.id}`, `dishonest range ${loans[0]!.id}`]);
    expect(judge.findings[1]!.text).toBe(
      `a notification covers loan ${loans[0]!.id}, whose pages the tx ring can still read`,
    );
    step(() => {}); // looked at once
    expect(judge.findings[1]!.count).toBe(1);
  });

  test.each<[string, boolean, ('page' | 'copy' | 'made')[], boolean]>([
    ['copied, and every reader read the pages', true, ['page'], true],
    ['copied, and a copy was made that nobody read', true, ['page', 'made'], false],
    ['copied, and one reader read a copy', true, ['page', 'copy'], false],
    ['copied, and nobody read', true, [], false],
    ['sent from its pages, and every reader read a copy', false, ['copy'], true],
    ['sent from its pages, and one reader read them', false, ['copy', 'page'], false],
    ['sent from its pages, and a copy was made that nobody read', false, ['page', 'made'], false],
    ['sent from its pages, and nobody read', false, [], false],
  ])('%s', (_, copied, events, untrue) => {
    const { judge, lend, page, said, k } = hearing();
    const of = page();
    const loan = lend(of);
    for (const event of events)
      if (event === 'made') judge.copied(of);
      else judge.read(Reader.TAP, FLOW, 1000, 4096, of.address, event === 'page' ? of : page());
    judge.notified(3, 0, 0, copied);
    judge.finish(false);
    expect(said().filter((one) => one.startsWith('dishonest'))).toEqual([]); // readers may still come
    judge.finish(true);
    const expected = untrue ? [`dishonest copied flag ${loan.id}`] : [];
    expect(said().filter((one) => one.startsWith('dishonest'))).toEqual(expected);
    expect(k.agenda.now).toBeGreaterThanOrEqual(0);
  });

  test('is no matter of a copy that was made when all was over', () => {
    const { judge, lend, page, said } = hearing();
    const of = page();
    lend(of);
    judge.read(Reader.TAP, FLOW, 1000, 4096, of.address, of);
    judge.completed(judge.evidence.loans.ofCall(3, 0)!.loan!);
    judge.copied(of);
    judge.notified(3, 0, 0, true);
    judge.finish(true);
    expect(said().some((one) => one.startsWith('dishonest copied flag'))).toBe(true);
  });
});

describe('a completion', () => {
  test('is where the callback may run, or it is told where not', () => {
    const { judge, lend, said, verdict, k, step } = hearing();
    const anywhere = lend();
    k.context = Context.HARDIRQ;
    step(() => judge.completed(anywhere));
    expect([said().filter((s) => s.startsWith('context')), verdict('context')]).toEqual([
      [],
      'not-exercised',
    ]);
    const sleeps = lend(undefined, Object.assign(k.newLoan(3, 0), { contexts: PROCESS_ONLY }));
    k.context = Context.PROCESS;
    step(() => judge.completed(sleeps));
    expect(verdict('context')).toBe('holds');
    const other = lend(undefined, Object.assign(k.newLoan(3, 0), { contexts: PROCESS_ONLY }));
    k.context = Context.IRQS_OFF;
    step(() => judge.completed(other));
    const [finding] = judge.findings.filter((f) => f.property === 'context');
    expect([finding!.where, finding!.loan]).toEqual(['irqs off', other.id]);
    expect(finding!.text).toContain(`loan ${other.id} is completed in context irqs off`);
  });

  test('is for somebody who is there', () => {
    const { judge, lend, said, verdict } = hearing();
    const [one, other] = [lend(), lend()];
    judge.ownerLeaves(3, false);
    expect(verdict('context')).toBe('holds');
    judge.completed(one);
    expect(said()).toEqual([]);
    judge.ownerLeaves(4, true);
    judge.completed(lend());
    expect(said()).toEqual([]);
    judge.ownerLeaves(3, true);
    judge.completed(other);
    expect(said()).toEqual([`context owner ${other.id}`]);
  });

  test('twice is double; of a loan that lent nothing, nothing', () => {
    const { judge, lend, said, verdict, k } = hearing();
    const nothing = k.newLoan(3, 0);
    judge.completed(nothing);
    judge.completed(nothing);
    expect([said(), verdict('double'), verdict('early')]).toEqual([
      [],
      'not-exercised',
      'not-exercised',
    ]);
    const loan = lend();
    expect(verdict('double')).toBe('holds');
    judge.completed(loan);
    judge.completed(loan);
    expect(said()).toEqual([`double producer ${loan.id}`]);
    expect(judge.judgement().completions).toBe(4);
  });

  /** Nobody can read the loan any more; released in one step, told in another. */
  function told(party: Party, ...between: ('release' | 'nothing')[]): string[] {
    const { judge, lend, said, k, step } = hearing();
    judge.always = true;
    let loan: Loan | null = null;
    step(() => (loan = lend()));
    for (const what of between) step(() => what === 'release' && judge.released(loan!));
    step(() => {
      if (!between.includes('release')) judge.released(loan!);
      k.agenda.party = party;
      judge.completed(loan!);
    });
    return said().concat(judge.judgement().beside.map((f) => f.text));
  }

  test('in the step of the release is not late; a step later it is, unless a device made it wait', () => {
    expect(told(Party.NOBODY)).toEqual([]);
    expect(told(Party.NOBODY, 'release')).toEqual([
      'late producer 1',
      'loan 1 is completed 1 step (10 µs) after its last reader went',
    ]);
    expect(told(Party.NOBODY, 'release', 'nothing')[1]).toBe(
      'loan 1 is completed 2 steps (20 µs) after its last reader went',
    );
    expect(told(Party.DEVICE, 'release', 'nothing')).toEqual([]);
    expect(told(Party.READER, 'release', 'nothing')).toHaveLength(2);
  });

  test('that was not asked for leaves late unexercised', () => {
    const { judge, verdict } = hearing();
    judge.finish(true);
    expect([verdict('late'), verdict('lost'), verdict('unbounded')]).toEqual([
      'not-exercised',
      'not-exercised',
      'not-exercised',
    ]);
  });
});

test('figures: pages and ticks, who stretched it, in which context', () => {
  const { judge, lend, page, k, step } = hearing();
  k.context = Context.SOFTIRQ;
  const [of, twice] = [page(), page()];
  let two: Loan | null = null;
  step(() => {
    two = lend(of);
    lend(twice, two);
    lend(of, two); // two pages, one of them again
  });
  let open: Loan | null = null;
  step(() => (open = lend()));
  step(() => judge.released(two!));
  const began = k.agenda.now - 20;
  k.agenda.party = Party.READER;
  step(() => judge.completed(two!));
  const told = k.agenda.now;
  step(() => judge.read(Reader.NIC, FLOW, 1000, 10, of.address, of));
  const figures = judge.judgement();
  expect(figures).toMatchObject({
    loans: 2,
    reached: 1,
    completions: 1,
    lentSamples: [told - began],
    pagesTold: 2,
    lastToldTick: told,
    pinnedPageTicks: 2 * (told - began) + (k.agenda.now - (began + 10)),
    contexts: { process: 0, softirq: 1, hardirq: 0, irqsOff: 0 },
    stretchedBy: { nobody: 0, peer: 0, 'slow reader': 1, guest: 0, device: 0 },
  });
  expect(figures.reads).toEqual({ nic: 1, application: 0, tap: 0, pipe: 0, protocol: 0 });
  expect(open).not.toBeNull();
});

describe('a read', () => {
  /** Changes the byte at `changed` of a page that is lent from byte 100 on, and reads so much of it. */
  function reads(from: number, size: number, changed: number): string[] {
    const { judge, page, said, k, lend } = hearing();
    const of = page();
    k.mem.fill(1, of.address, of.address + 4096);
    lend(of, undefined, 300); // stream bytes 1000 to 1299
    k.mem[of.address + changed] = 2;
    of.writes++;
    judge.read(Reader.NIC, FLOW, from, size, of.address + from - 1000, of);
    return said();
  }

  test('is held against the bytes that were lent, and against no others', () => {
    expect(reads(1000, 300, 299)).toEqual(['written nic 1']);
    expect(reads(1000, 299, 299)).toEqual([]);
    expect(reads(1001, 299, 0)).toEqual([]);
    expect(reads(1000, 1, 0)).toEqual(['written nic 1']);
    expect(reads(990, 11, 0)).toEqual(['written nic 1']);
    expect(reads(990, 10, 0)).toEqual([]);
    expect(reads(1300, 10, 299)).toEqual([]);
    expect(reads(1299, 10, 299)).toEqual(['written nic 1']);
  });

  test('by an application that reads changed bytes is delivered, by all others a wire', () => {
    for (const [reader, harm] of [
      [Reader.NIC, 'wire'],
      [Reader.TAP, 'wire'],
      [Reader.APPLICATION, 'delivered'],
    ] as const) {
      const { judge, page, k, lend } = hearing();
      const of = page();
      const loan = lend(of);
      k.mem[of.address]! ^= 1;
      of.writes++;
      judge.completed(loan);
      judge.read(reader, FLOW, 1000, 10, of.address, of);
      judge.read(reader, FLOW, 1000, 10, of.address, of);
      const [finding] = judge.findings.filter((f) => f.property === 'corrupt');
      expect([finding!.harm, finding!.count]).toEqual([harm, 2]);
      expect(finding!.text).toContain('after its completion');
    }
  });

  test('of what a device has sent is at the other end of the wire: it says nothing of copies here', () => {
    const readers = (...all: [Reader, boolean][]): [boolean, boolean] => {
      const record = new LoanRecord();
      for (const [reader, fromPage] of all) record.readBy(reader, fromPage);
      return [record.readFromPage, record.readFromCopy];
    };
    expect(readers([Reader.NIC, true], [Reader.APPLICATION, false])).toEqual([true, false]);
    expect(readers([Reader.NIC, true], [Reader.PROTOCOL, false])).toEqual([true, false]);
    expect(readers([Reader.NIC, true], [Reader.TAP, false])).toEqual([true, true]);
    expect(readers([Reader.APPLICATION, false], [Reader.NIC, true])).toEqual([true, true]);
    expect(readers([Reader.NIC, false])).toEqual([false, true]);
  });
});

describe('what is kept of lendings', () => {
  /** Ranges of one byte a page and stream place, of these loans. */
  function ranges(...loans: LoanRecord[]) {
    const all = new LentRanges();
    const page = { slot: 3 } as Page;
    const entries = loans.map((record, i) => all.add(record, page, 0, 10, FLOW, 100 + 10 * i));
    return { all, page, entries, shadow: all.flows[FLOW]! };
  }
  const onPage = (all: LentRanges, page: Page): Lent[] => {
    const out: Lent[] = [];
    for (let e = all.on(page); e !== null; e = e.nextOnPage) out.push(e);
    return out;
  };
  const ofLoan = (record: LoanRecord): Lent[] => {
    const out: Lent[] = [];
    for (let e = record.ranges; e !== null; e = e.nextOfLoan) out.push(e);
    return out;
  };
  const over = (): LoanRecord => Object.assign(new LoanRecord(), { completed: true });

  test('goes in the order of the stream when it is over, read, and out of everybody’s reach', () => {
    const [a, b] = [over(), over()];
    const { all, page, entries, shadow } = ranges(a, b, a, a);
    expect([all.spent, onPage(all, page)]).toEqual([4, entries.toReversed()]);
    expect(ofLoan(a)).toEqual([entries[3], entries[2], entries[0]]);
    shadow.consumed = 29;
    shadow.lowest = 1000;
    entries[1]!.seen = 7;
    all.retire(7); // the second is still in somebody's reach, and what is behind it waits
    expect([all.spent, onPage(all, page)]).toEqual([3, [entries[3], entries[2], entries[1]]]);
    expect(ofLoan(a)).toEqual([entries[3], entries[2]]);
    all.retire(8);
    expect(onPage(all, page)).toEqual([entries[3], entries[2]]); // the third ends at 30
    shadow.consumed = 30;
    shadow.lowest = 29; // somebody has it in a queue
    all.retire(8);
    expect(all.spent).toBe(2);
    shadow.lowest = 30;
    all.retire(8);
    expect([onPage(all, page), ofLoan(a), ofLoan(b)]).toEqual([[entries[3]], [entries[3]], []]);
    expect(all.pages()).toEqual([page]);
  });

  test('stays while its loan is open', () => {
    const { all, shadow } = ranges(new LoanRecord());
    shadow.consumed = 100;
    shadow.lowest = 100;
    all.retire(1);
    expect([shadow.head, all.spent]).toEqual([0, 0]);
  });

  test('lets go in the middle of its loan, and of its page', () => {
    const [a, b] = [over(), over()];
    const { all, shadow } = ranges(a, b);
    const other = { slot: 5 } as Page;
    const late = all.add(b, other, 0, 10, FLOW + 1, 0);
    const early = all.flows[FLOW]!.entries[1]!;
    Object.assign(shadow, { consumed: 20, lowest: 20 });
    all.retire(1);
    expect([ofLoan(a), ofLoan(b)]).toEqual([[], [late]]);
    expect([early.page, early.nextOfLoan, early.nextOnPage]).toEqual([null, null, null]);
    // and what was let go of is used again
    expect([early, shadow.entries[0]]).toContain(all.add(a, other, 1, 2, FLOW, 130));
  });

  test('is found by overlap: what only touches is somebody else’s', () => {
    const shadow = new FlowShadow(1000);
    const lent = Object.assign(new Lent(), { pageOffset: 100, size: 50, at: 200 });
    const found = (offset: number, size: number, seq: number, of?: FlowShadow): boolean =>
      covers(lent, offset, size, of, seq);
    expect([found(50, 50, 0), found(50, 51, 0), found(150, 10, 0), found(149, 10, 0)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([found(100, 50, 1150, shadow), found(100, 50, 1151, shadow)]).toEqual([false, true]);
    expect([found(100, 50, 1250, shadow), found(100, 50, 1249, shadow)]).toEqual([false, true]);
  });
});

test('who can read a loan is listed by place, and a fragment counts once', () => {
  const { k, judge, lend, page, packet, holds } = hearing();
  const of = page();
  const loan = lend(of, undefined, 2000); // stream bytes 1000 to 2999
  judge.lent(loan, of, 2000, 2096, FLOW, 3000);
  const list = new ReaderList(judge.evidence.ranges);
  const readers = (): [string, number][] => {
    list.look(k);
    return [...list.of(loan.id)];
  };
  expect(readers()).toEqual([]);
  holds('tx ring', packet(of, 1000), packet(of, 1000)); // two ranges each
  holds('tap', packet(of, 1000, 100));
  k.holders.push({ forEachReader: (visitor) => visitor.page(of, 0, 10, 'pipe') });
  k.holders.push({ forEachReader: (visitor) => visitor.page(of, 0, 4096, 'pipe') });
  expect(readers()).toEqual([
    ['tx ring', 2],
    ['tap', 1],
    ['pipe', 2],
  ]);
  expect(list.of(99).size).toBe(0);
  k.holders.length -= 4;
  expect(readers()).toEqual([]);
});

describe('a second opinion', () => {
  test('compares each read with what was lent, by place in the stream or in the page', () => {
    const { k, page } = hearing();
    const oracle = new Oracle();
    oracle.attach(k);
    const of = page();
    k.mem.fill(1, of.address, of.address + 4096);
    const loan = k.newLoan(3, 0);
    oracle.lent(loan, of, 100, 50, FLOW, 1000);
    oracle.afterStep();
    k.mem[of.address + 149] = 2; // the last byte, 1049 of the stream
    const reads = (flow: number, seq: number, size: number, at: number): number => {
      const before = oracle.changed.length;
      oracle.read(Reader.PIPE, flow, seq, size, of.address + at, of);
      return oracle.changed.length - before;
    };
    expect([
      reads(FLOW, 1000, 49, 100),
      reads(FLOW, 1000, 50, 100),
      reads(FLOW, 1049, 1, 149),
      reads(FLOW, 1050, 9, 150),
    ]).toEqual([0, 1, 1, 0]);
    expect([
      reads(0, 0, 149, 0),
      reads(0, 0, 150, 0),
      reads(0, 0, 9, 150),
      reads(8, 1000, 50, 100),
    ]).toEqual([0, 1, 0, 0]);
    expect(oracle.changed[0]).toEqual({ loan: loan.id, step: 2, reader: 'pipe' });
    oracle.completed(loan);
    oracle.afterStep();
    oracle.completed(loan);
    expect([...oracle.told, ...oracle.loans]).toEqual([[loan.id, 2], loan.id]);
  });

  test('a completion was early if some continuation read changed bytes from then on', () => {
    const { k } = hearing();
    const loan = k.newLoan(3, 0);
    const run = (readAt: number | null): Oracle => {
      const oracle = new Oracle();
      oracle.step = 2;
      oracle.completed(loan);
      if (readAt !== null) oracle.changed.push({ loan: loan.id, step: readAt, reader: 'tap' });
      return oracle;
    };
    const early = (...runs: [string[], Oracle][]): [string, boolean][] => {
      const all = new Continuations();
      for (const [steps, oracle] of runs) all.add(steps, oracle);
      return all.all().map(({ steps, early: was }) => [steps, was]);
    };
    expect(early([['a', 'b', 'c'], run(null)])).toEqual([['a b', false]]);
    expect(early([['a', 'b', 'c'], run(1)])).toEqual([['a b', false]]); // before it was told
    expect(early([['a', 'b', 'c'], run(2)])).toEqual([['a b', true]]);
    expect(early([['a', 'b', 'c'], run(null)], [['a', 'b', 'd'], run(3)])).toEqual([['a b', true]]);
    expect(early([['a', 'b', 'd'], run(3)], [['a', 'b', 'c'], run(null)])).toEqual([['a b', true]]);
    expect(early([['a', 'b'], run(null)], [['b', 'a'], run(3)])).toEqual([
      ['a b', false],
      ['b a', true],
    ]);
  });
});

test('findings are in one order: the gravest first, of one property the worst harm first', () => {
  const of = (property: Finding['property'], harm: Finding['harm']) => ({ property, harm });
  const sorted = [
    of('early', 'hazard'),
    of('corrupt', 'wire'),
    of('lost', 'hazard'),
    of('corrupt', 'delivered'),
  ].sort(byGravity);
  expect(sorted.map(({ property, harm }) => `${property} ${harm}`)).toEqual([
    'corrupt delivered',
    'corrupt wire',
    'lost hazard',
    'early hazard',
  ]);
  expect(cardOf('early').gravity).toBeLessThan(cardOf('corrupt').gravity);
});
