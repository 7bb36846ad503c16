// Single words and figures of the judge, each where a small thing decides: who ran when somebody read on, where in a page
// the bytes were, what a loan was told in time, how far a fingerprint tells loans apart.
import { PageHome, Reader, type Loan } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { Oracle } from '../src/index.ts';
import { FLOW, hearing } from './hearing.ts';

type Hearing = ReturnType<typeof hearing>;

describe('what is read on in the step in which it was told', () => {
  /** Told by the first processor in some step; what is said when a device reads the page then. */
  function readOn(then: (hears: Hearing, loan: Loan) => void): string[] {
    const hears = hearing();
    const { judge, page, lend } = hears;
    const of = page();
    const loan = lend(of);
    judge.completed(loan);
    then(hears, loan);
    judge.read(Reader.NIC, FLOW, 1000, 4096, of.address, of);
    judge.afterStep();
    return judge.everything.map((f) => `${f.property} ${f.where}: ${f.text}`);
  }
  const EARLY = [
    'early nic: loan 1 is completed inside a step in which the nic goes on to read its pages',
  ];

  test('by the same processor is between the lines of one function', () => {
    expect(readOn(() => {})).toEqual([]);
  });

  test('by another one, or by an interrupt, could still be read when it was told', () => {
    expect(readOn(({ k }) => (k.agenda.processor = 1))).toEqual(EARLY);
    expect(readOn(({ k }) => (k.agenda.interrupted = true))).toEqual(EARLY);
  });

  test('in a later step says nothing about the telling', () => {
    expect(
      readOn(({ k, judge }) => {
        judge.afterStep();
        k.agenda.processor = 1;
      }),
    ).toEqual([]);
  });

  test('from a copy leaves the pages alone', () => {
    const { judge, page, lend, k, said } = hearing();
    const [of, copy] = [page(), page()];
    k.mem.copyWithin(copy.address, of.address, of.address + 4096);
    judge.completed(lend(of));
    k.agenda.processor = 1;
    judge.read(Reader.NIC, FLOW, 1000, 4096, copy.address, copy);
    expect(said()).toEqual([]);
  });
});

test('the page that was lent, read at another place, is other bytes', () => {
  const { judge, page, lend, k, said } = hearing();
  const of = page();
  for (let i = 0; i < 4096; i++) k.mem[of.address + i] = i % 251;
  lend(of);
  judge.read(Reader.NIC, FLOW, 1000, 10, of.address, of);
  expect(said()).toEqual([]);
  judge.read(Reader.NIC, FLOW, 1000, 10, of.address + 1, of);
  expect(said()).toEqual(['written nic 1']);
});

test('told in time, a loan was late for nobody, and nobody says that it was not looked at', () => {
  const { judge, lend, step, said, verdict } = hearing();
  judge.always = true;
  let loan: Loan | null = null;
  step(() => (loan = lend()));
  step(() => {
    judge.released(loan!);
    judge.completed(loan!);
  });
  expect([said(), verdict('late'), verdict('early'), verdict('double')]).toEqual([
    [],
    'holds',
    'holds',
    'holds',
  ]);
});

test('who is never told is never told because of him who has the pages', () => {
  const { judge, page, lend, packet, holds, k } = hearing();
  const of = page();
  lend(of);
  lend();
  holds('tap', packet(of, 1000));
  k.agenda.withholding = true;
  judge.finish(true);
  expect(judge.everything.map((f) => `${f.where} ${f.loan}: ${f.text}`)).toEqual([
    'tap 1: loan 1 is never told while programs and guests do nothing, and the tap has its pages',
    'producer 2: loan 2 is never told while programs and guests do nothing',
  ]);
});

test('loans are counted once, whatever was lent of them', () => {
  const { judge, lend, k } = hearing();
  expect(judge.lentLoans).toBe(0);
  const loan = k.newLoan(3, 0);
  lend(undefined, loan);
  lend(undefined, loan);
  lend();
  k.newLoan(3, 0);
  expect([judge.lentLoans, judge.judgement().loans]).toEqual([2, 2]);
});

test('a loan that is open is remembered by what was said of it: it tells two machines apart', () => {
  type Act = (judge: Hearing['judge'], loan: Loan, leave: () => void) => void;
  const remembered = (act: Act): string => {
    const { k, judge, page, lend, packet } = hearing();
    k.agenda.now = 0;
    judge.always = true;
    const of = page(PageHome.POOL);
    const loan = lend(of);
    const skb = packet(of, 1000);
    let there = true;
    k.holders.push({ forEachReader: (visitor) => there && visitor.skb(skb, 'tap', skb.seq) });
    judge.afterStep();
    act(judge, loan, () => (there = false));
    judge.afterStep();
    const out: unknown[] = [];
    judge.remembered({
      value: (v) => out.push(v === loan ? 'the loan' : typeof v),
      number: (n) => out.push(n),
    });
    return out.join(' ');
  };
  const ways: Act[] = [
    () => {},
    (judge, loan) => judge.released(loan),
    (_judge, _loan, leave) => leave(),
    (judge, loan, leave) => {
      judge.released(loan);
      leave();
    },
    (judge) => judge.written(judge.lentPages()[0]!, 0, 100),
    (judge, loan) => judge.completed(loan),
  ];
  expect(new Set(ways.map(remembered)).size).toBe(ways.length);
});

test('a second opinion knows streams apart: the same place in another one was not lent', () => {
  const { k, page } = hearing();
  const oracle = new Oracle();
  oracle.attach(k);
  const [of, other] = [page(), page()];
  k.mem.fill(1, of.address, of.address + 4096);
  k.mem.fill(2, other.address, other.address + 4096);
  oracle.lent(k.newLoan(3, 0), of, 0, 4096, FLOW, 1000);
  oracle.read(Reader.TAP, FLOW + 1, 1000, 4096, other.address, other);
  oracle.read(Reader.TAP, 0, 0, 4096, other.address, other);
  expect(oracle.changed).toEqual([]);
  oracle.read(Reader.TAP, FLOW, 1000, 4096, other.address, other);
  expect(oracle.changed).toHaveLength(1);
});

test('a lock that nobody can give back is said as it was heard', () => {
  const { judge, verdict } = hearing();
  judge.stuck('the producer waits for its own lock');
  expect(verdict('stuck')).toBe('refuted');
  expect(judge.findings.map((f) => `${f.property} ${f.where} ${f.loan}: ${f.text}`)).toEqual([
    'stuck lock 0: the producer waits for its own lock',
  ]);
});

test('of what is used after it was freed each object is said once, however often', () => {
  const { judge, verdict } = hearing();
  expect(verdict('freed')).toBe('not-exercised');
  judge.objectFreed('the context');
  expect(verdict('freed')).toBe('holds');
  for (const name of ['the context', 'the request', 'the context'])
    judge.freedUsed(name, 'is used after it was freed');
  expect(verdict('freed')).toBe('refuted');
  expect(judge.findings.map((f) => `${f.property} ${f.count}: ${f.text}`)).toEqual([
    'freed 2: the context is used after it was freed',
    'freed 1: the request is used after it was freed',
  ]);
});

test('nobody was told: double and early have nothing to say', () => {
  const { judge, lend, verdict } = hearing();
  const loan = lend();
  expect([verdict('double'), verdict('early')]).toEqual(['not-exercised', 'not-exercised']);
  judge.completed(loan);
  expect([verdict('double'), verdict('early')]).toEqual(['holds', 'holds']);
});

test('a loan is told twice, and after its producer went, in words', () => {
  const { judge, lend } = hearing();
  const loan = lend();
  judge.ownerLeaves(3, true);
  judge.completed(loan);
  judge.completed(loan);
  expect(judge.findings.map((f) => f.text)).toEqual([
    'loan 1 is completed after its producer was gone',
    'loan 1 is completed a second time',
  ]);
});

test('reached is what somebody had, or read', () => {
  const reached = (has: boolean, reads: boolean): number => {
    const { judge, page, lend, packet, holds, step } = hearing();
    const of = page();
    if (has) holds('tap', packet(of, 1000));
    step(() => lend(of));
    if (reads) judge.read(Reader.TAP, FLOW, 1000, 10, of.address, of);
    judge.finish(true);
    return judge.judgement().reached;
  };
  expect([reached(false, false), reached(true, false), reached(false, true)]).toEqual([0, 1, 1]);
});
