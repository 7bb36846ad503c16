// What the judge makes of those who tell, by hand on a machine on which nothing else happens: notifications and completions,
// when, where, to whom and how often.
import { Context, PROCESS_ONLY, Party, Reader, type Loan } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { FLOW, hearing } from './hearing.ts';

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

  test('is no matter of a copy that the producer has made itself, and sent again', () => {
    for (const own of [true, false]) {
      const { judge, lend, page, said, k } = hearing();
      const of = page();
      const copy = page();
      k.mem[copy.address]! ^= 1;
      const loan = lend(of); // purged, and never read
      if (own) judge.sentCopy(loan, of, 0, 4096, FLOW + 1, 1000);
      else judge.lent(loan, of, 0, 4096, FLOW + 1, 1000);
      judge.carried(FLOW + 2, 1000, 4096, FLOW + 1, 1000); // a guest sends it on
      judge.read(Reader.NIC, FLOW + 1, 1000, 4096, copy.address, null);
      judge.read(Reader.NIC, FLOW + 2, 1000, 4096, copy.address, null);
      judge.notified(3, 0, 0, false);
      judge.finish(true);
      expect(said().some((one) => one.startsWith('dishonest'))).toBe(!own);
      expect(said().some((one) => one.startsWith('written'))).toBe(true); // what it reads is compared all the same
    }
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
