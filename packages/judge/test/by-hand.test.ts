// What the judge makes of single events, told to it by hand on a machine on which nothing else happens: each word, each figure,
// and what each leaves open. Whole runs have so much in them that a wrong word hides behind a right one.
import { PageHome, Reader, type Page } from '@lastref/kernel';
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
    judge.written(null, 0, 100);
    judge.written(page(), 0, 100);
    expect([said(), verdict('unmarked')]).toEqual([[], 'holds']);
    const of = page();
    const loan = lend(of);
    judge.written(of, 0, 100);
    judge.written(of, 0, 100);
    expect([said(), judge.findings[0]!.count]).toEqual([
      [`unmarked in-place writer ${loan.id}`],
      2,
    ]);
  });

  test('that a driver received into is the stack’s to write, also when its pool has given it up', () => {
    const { judge, page, lend, said, verdict } = hearing();
    const of = page(PageHome.POOL);
    lend(of);
    judge.written(of, 0, 100);
    of.home = PageHome.GENERAL;
    judge.pageDisowned(of);
    judge.written(of, 0, 100);
    expect([said(), verdict('unmarked')]).toEqual([[], 'holds']);
  });
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
