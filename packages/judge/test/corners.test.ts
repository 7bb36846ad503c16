// Corners of what the judge establishes, one event apart from each other.
import { Halt, PageHome, Party, Reader, type Loan, type Page } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { Oracle, ReaderList } from '../src/index.ts';
import { ShadowMemory } from '../src/truth/shadow.ts';
import { FLOW, hearing } from './hearing.ts';

type Hearing = ReturnType<typeof hearing>;

/** Of a page that is lent from byte 100 on, a reader has `from` bytes behind it: which of the two halves can he read? */
function readableBehind(from: number): string[] {
  const { judge, page, packet, k, step, said } = hearing();
  const of = page();
  const [front, back] = [k.newLoan(3, 0), k.newLoan(3, 1)];
  judge.lent(front, of, 100, 200, FLOW, 1000);
  judge.lent(back, of, 300, 200, FLOW, 1200);
  const skb = packet(of, 1000, 400);
  skb.shinfo.frags[0]!.pageOffset = 100;
  k.holders.push({ forEachReader: (visitor) => visitor.skb(skb, 'tap', (1000 + from) | 0) });
  step(() => [front, back].forEach((loan) => judge.completed(loan)));
  return said();
}

test('a reader in the middle of a frag can read what is behind his place, and nothing in front of it', () => {
  expect(readableBehind(0)).toEqual(['early tap 1']);
  expect(readableBehind(200)).toEqual(['early tap 2']);
  expect(readableBehind(399)).toEqual(['early tap 2']);
  expect(readableBehind(400)).toEqual([]);
});

test('bytes that are carried to another stream from the middle of a lending are those of that place', () => {
  const { judge, page, lend, k, said } = hearing();
  const of = page();
  for (let i = 0; i < 4096; i++) k.mem[of.address + i] = i % 251;
  lend(of);
  const other = FLOW + 1;
  judge.carried(other, 50, 200, FLOW, 1100);
  const copy = page();
  k.mem.copyWithin(copy.address, of.address + 100, of.address + 300);
  judge.read(Reader.NIC, other, 50, 200, copy.address, null);
  expect(said()).toEqual([]);
  k.mem[copy.address + 199]! ^= 1;
  judge.read(Reader.NIC, other, 50, 200, copy.address, null);
  expect(said()).toEqual(['written nic 1']);
});

test('a read that begins in front of what was lent is compared where that begins', () => {
  const { judge, page, lend, k, said } = hearing();
  const of = page();
  k.mem.fill(1, of.address, of.address + 4096);
  lend(of, undefined, 300);
  k.mem[of.address + 299] = 2;
  of.writes++;
  judge.read(Reader.NIC, FLOW, 990, 20, of.address - 10, of); // ten bytes of it, unchanged
  expect(said()).toEqual([]);
});

test('nobody has read: corrupt and written have nothing to say', () => {
  const { judge, lend, page, verdict } = hearing();
  const of = page();
  lend(of);
  expect([verdict('corrupt'), verdict('written')]).toEqual(['not-exercised', 'not-exercised']);
  judge.read(Reader.NIC, FLOW, 1000, 1, of.address, of);
  expect([verdict('corrupt'), verdict('written')]).toEqual(['holds', 'holds']);
});

test('causes are told apart by property and by place, and one that comes again is counted', () => {
  const { judge, lend, said, step } = hearing();
  const [twice, never] = [lend(), lend()];
  step(() => [twice, twice, twice].forEach((loan) => judge.completed(loan)));
  judge.released(never);
  judge.finish(true);
  expect(said()).toEqual([`double producer ${twice.id}`, `lost producer ${never.id}`]);
  expect(judge.findings.map((f) => f.count)).toEqual([2, 1]);
  const places = hearing();
  const [pooled, foreign] = [places.page(PageHome.POOL), places.page(PageHome.FOREIGN)];
  places.lend(pooled);
  places.lend(foreign);
  places.judge.pageFreed(pooled, PageHome.GENERAL);
  places.judge.pageFreed(foreign, PageHome.POOL);
  expect(places.said()).toEqual(['stray free list 1', 'stray page pool 2']);
});

describe('at the end', () => {
  test('a loan is lost from the first tick on, if it was released and nobody has it', () => {
    const { judge, lend, said, k } = hearing();
    k.agenda.now = 0;
    judge.released(lend());
    judge.finish(true);
    expect(said()).toEqual(['lost producer 1']);
  });

  test('one that somebody has is not, nor one that its producer may still lend of', () => {
    const { judge, page, lend, packet, holds, said } = hearing();
    const of = page();
    judge.released(lend(of));
    holds('tap', packet(of, 1000));
    lend(); // not released
    judge.finish(true);
    expect(said()).toEqual([]);
  });

  test('what is withheld is put down to the reader that has it, and to nobody who had it', () => {
    const { judge, page, lend, packet, k, step, said } = hearing();
    const of = page();
    let there = true;
    const skb = packet(of, 1000);
    k.holders.push({ forEachReader: (v) => there && v.skb(skb, 'tap', skb.seq) });
    judge.always = true;
    step(() => lend(of));
    there = false;
    k.agenda.withholding = true;
    judge.finish(true);
    expect(said()).toEqual(['unbounded producer 1']);
  });
});

describe('late', () => {
  /** Who held the page leaves in the step in which its producer is told. */
  function toldAs(act: (loan: Loan, judge: ReturnType<typeof hearing>['judge']) => void): string[] {
    const { judge, page, lend, packet, k, step, said } = hearing();
    const of = page();
    let there = true;
    let loan: Loan | null = null;
    const skb = packet(of, 1000);
    k.holders.push({ forEachReader: (v) => there && v.skb(skb, 'tap', skb.seq) });
    judge.always = true;
    step(() => (loan = lend(of)));
    step(() => act(loan!, judge));
    step(() => {
      there = false;
      judge.completed(loan!);
    });
    return said();
  }

  test('is nothing that was told in the step of the last reader, whenever it was released', () => {
    expect(toldAs((loan, judge) => judge.released(loan))).toEqual([]);
  });

  test('is nothing that its producer had not released, whoever had left', () => {
    const { judge, lend, step, said } = hearing();
    judge.always = true;
    let loan: Loan | null = null;
    step(() => (loan = lend()));
    step(() => {});
    step(() => judge.completed(loan!));
    expect(said()).toEqual([]);
  });
});

test('a sum is over the bytes of a copy, and over no others', () => {
  const memory = new ShadowMemory();
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
  const [one, other] = [memory.keep(bytes, 0, 64), memory.keep(bytes, 0, 64)];
  memory.bytes[other + 40] = 200;
  expect(memory.sum(one, 40)).toBe(memory.sum(other, 40));
  expect(memory.sum(one, 41)).not.toBe(memory.sum(other, 41));
  expect(memory.sum(one, 0)).not.toBe(memory.sum(one, 1));
});

test('what is found is told in the order of the steps, whatever stands beside the word', () => {
  const { judge, lend, k, step } = hearing();
  judge.always = true;
  let [slow, twice]: Loan[] = [];
  step(() => ([slow, twice] = [lend(), lend()]));
  step(() => [slow!, twice!].forEach((loan) => judge.released(loan)));
  step(() => {
    k.agenda.party = Party.READER;
    judge.completed(slow!);
  });
  step(() => [twice!, twice!].forEach((loan) => judge.completed(loan)));
  const order = judge.everything.map((f) => f.step);
  expect(judge.everything.map((f) => f.property)).toContain('double');
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(new Set(order).size).toBeGreaterThan(1);
});

test('what nothing tried is not claimed: no page went anywhere, no lock was wanted', () => {
  const { judge, lend, page, verdict } = hearing();
  const of = page();
  lend(of);
  expect([verdict('stray'), verdict('stuck')]).toEqual(['not-exercised', 'not-exercised']);
  judge.pageDisowned(of);
  judge.pageFreed(of, PageHome.GENERAL);
  judge.lockWanted();
  expect([verdict('stray'), verdict('stuck')]).toEqual(['holds', 'holds']);
});

test('a copy is kept for whoever may read the bytes again from another place', () => {
  const { judge, page, lend, packet, holds, k, step, said } = hearing();
  const of = page();
  k.mem.fill(1, of.address, of.address + 4096);
  judge.always = true;
  let loan: Loan | null = null;
  step(() => (loan = lend(of)));
  const again = packet(of, 1000);
  again.shinfo.nrFrags = 0; // a retransmission that has a copy of them
  holds('write queue', again);
  step(() => judge.read(Reader.APPLICATION, FLOW, 1000, 4096, of.address, of));
  step(() => judge.completed(loan!));
  step(() => {});
  const copy = page();
  k.mem.fill(2, copy.address, copy.address + 4096);
  judge.read(Reader.NIC, FLOW, 1000, 4096, copy.address, null);
  expect(said()).toEqual(['corrupt nic 1']);
  k.holders.pop();
  step(() => {});
  expect(judge.evidence.ranges.spent).toBe(0);
});

test('which bytes were lent and are kept is remembered: it tells two machines apart', () => {
  const remembered = (act: (h: Hearing) => void): string => {
    const hears = hearing();
    act(hears);
    const out: unknown[] = [];
    const name = (v: unknown) => (v === null || typeof v !== 'object' ? v : 'an object');
    hears.judge.evidence.ranges.remembered({
      value: (v) => out.push(name(v)),
      number: (n) => out.push(n),
    });
    return out.join(' ');
  };
  const of = ({ page, k }: Hearing, byte: number): Page => {
    const one = page();
    k.mem.fill(byte, one.address, one.address + 4096);
    return one;
  };
  const ways: ((h: Hearing) => void)[] = [
    () => {},
    (h) => h.lend(of(h, 1)),
    (h) => h.lend(of(h, 2)),
    (h) => h.lend(of(h, 1), undefined, 100),
    (h) => [1, 1].forEach((byte) => h.lend(of(h, byte))),
    (h) => h.judge.lent(h.k.newLoan(3, 0), of(h, 1), 50, 100, FLOW, 1000),
    (h) => {
      h.lend(of(h, 1));
      h.judge.read(Reader.APPLICATION, FLOW, 1000, 10, 0, null);
    },
  ];
  expect(new Set(ways.map(remembered)).size).toBe(ways.length);
  expect(remembered(ways[1]!)).toBe(remembered(ways[1]!));
  const forgotten = remembered((h) => {
    let loan: Loan | null = null;
    const page = of(h, 1);
    h.judge.always = true;
    h.step(() => (loan = h.lend(page)));
    h.step(() => h.judge.read(Reader.APPLICATION, FLOW, 1000, 4096, page.address, page));
    h.step(() => h.judge.completed(loan!));
    h.step(() => {});
  });
  expect(forgotten).toBe('4096'); // how far the stream was read is left
});

test('bytes that are carried from the middle of a stream are those that were lent there', () => {
  const { judge, page, k, said } = hearing();
  const pages = [page(), page()];
  const loan = k.newLoan(1, 0);
  pages.forEach((of, i) => {
    k.mem.fill(i + 1, of.address, of.address + 4096);
    judge.lent(loan, of, 0, 4096, FLOW, 1000 + 4096 * i);
  });
  const other = FLOW + 1;
  judge.carried(other, 50, 8192, FLOW, 1000);
  const copy = page();
  k.mem.fill(2, copy.address, copy.address + 4096);
  judge.read(Reader.NIC, other, 50 + 4096, 4096, copy.address, null);
  expect(said()).toEqual([]);
});

test('what a stream carries of which nobody lent anything is nobody’s', () => {
  const { judge, page, said } = hearing();
  const of = page();
  judge.carried(FLOW + 1, 50, 200, FLOW + 2, 1000);
  judge.read(Reader.NIC, FLOW + 1, 50, 200, of.address, of);
  expect(said()).toEqual([]);
});

test('the same place of another page, as often written, is another page', () => {
  const { judge, page, lend, k, said } = hearing();
  const [of, other] = [page(), page()];
  k.mem.fill(1, of.address, of.address + 4096);
  k.mem.fill(2, other.address, other.address + 4096);
  other.writes = of.writes;
  lend(of);
  judge.read(Reader.NIC, FLOW, 1000, 100, other.address, other);
  expect(said()).toEqual(['written nic 1']);
});

test('a send call that lent nothing leaves a gap in the list of them, and nobody is asked about it', () => {
  const { judge, page, k, said } = hearing();
  judge.lent(k.newLoan(1, 2), page(), 0, 100, FLOW, 1000);
  judge.finish(true);
  expect(said().filter((text) => text.startsWith('dishonest'))).toEqual([]);
});

test('a step that was broken off is counted, and what it left behind is judged neither then nor at the end', () => {
  const { judge, page, lend, k, said } = hearing();
  const of = page();
  const loan = lend(of);
  k.holders.push({ forEachReader: (visitor) => visitor.page(of, 0, 4096, 'tap') });
  judge.completed(loan);
  const { step } = judge;
  k.agenda.halted = Halt.CUT;
  judge.afterStep();
  judge.afterStep();
  judge.finish(true);
  expect([judge.step - step, said()]).toEqual([2, []]);
  k.agenda.halted = Halt.RUNS;
  judge.afterStep();
  expect(said()).toEqual(['early tap 1']);
});

test('the second opinion carries on what was lent on that stream alone', () => {
  const { page, k } = hearing();
  const oracle = new Oracle();
  oracle.attach(k);
  const [mine, theirs] = [page(), page()];
  k.mem.fill(1, mine.address, mine.address + 4096);
  k.mem.fill(2, theirs.address, theirs.address + 4096);
  oracle.lent(k.newLoan(1, 0), mine, 0, 4096, FLOW, 1000);
  oracle.lent(k.newLoan(2, 0), theirs, 0, 4096, FLOW + 1, 1000);
  oracle.carried(FLOW + 2, 50, 4096, FLOW, 1000);
  oracle.read(Reader.NIC, FLOW + 2, 50, 4096, mine.address, mine);
  expect(oracle.changed).toEqual([]);
  oracle.read(Reader.NIC, FLOW + 2, 50, 4096, theirs.address, theirs);
  expect(oracle.changed.map((c) => c.loan)).toEqual([1]);
});

test('a list of readers counts a frag once, however often its page was lent, and two frags twice', () => {
  const { judge, page, packet, holds, k } = hearing();
  const of = page();
  const loan = k.newLoan(1, 0);
  judge.lent(loan, of, 0, 2048, FLOW, 1000);
  judge.lent(loan, of, 2048, 2048, FLOW, 3048);
  const readers = new ReaderList(judge.evidence.ranges);
  const listed = (): [string, number][] => {
    readers.look(k);
    return [...readers.of(loan.id)];
  };
  expect(listed()).toEqual([]);
  holds('tap', packet(of, 1000));
  expect(listed()).toEqual([['tap', 1]]);
  holds('tap', packet(of, 1000));
  expect(listed()).toEqual([['tap', 2]]);
});

test('a finding says in words whose loan it is, and where somebody can still read it', () => {
  const { judge, page, lend, packet, holds, step } = hearing();
  const of = page();
  const loan = lend(of);
  holds('tap', packet(of, 1000));
  step(() => judge.completed(loan));
  expect(judge.findings.map((f) => f.text)).toEqual([
    'loan 1 is completed while the tap can still read its pages',
  ]);
});

describe('a copy that the stack has made, and its own writer in place', () => {
  /** A loan is told; then a packet goes on with a copy of it in `copy`, over which the stack has written. */
  function overwritten(): Hearing & { readonly of: Page; readonly copy: Page } {
    const heard = hearing();
    const { judge, lend, page, k } = heard;
    const [of, copy] = [page(), page()];
    judge.completed(lend(of));
    k.mem.copyWithin(copy.address, of.address, of.address + 4096);
    judge.written(copy, 0, 4096);
    k.mem[copy.address]! ^= 1;
    return { ...heard, of, copy };
  }
  const reads = ({ judge }: Hearing, reader: Reader, page: Page, found: Page | null = page): void =>
    judge.read(reader, FLOW, 1000, 4096, page.address, found);

  test('is held against no lender, nor what comes of it at the other end of a wire', () => {
    const heard = overwritten();
    reads(heard, Reader.NIC, heard.copy);
    reads(heard, Reader.APPLICATION, heard.copy, null);
    expect(heard.said()).toEqual([]);
  });

  test('is no excuse for a reader of the page that was lent', () => {
    const heard = overwritten();
    reads(heard, Reader.NIC, heard.copy);
    heard.k.mem[heard.of.address]! ^= 1;
    heard.of.writes++;
    reads(heard, Reader.TAP, heard.of);
    expect(heard.said()).toEqual(['corrupt tap 1']);
  });

  test('is no excuse for another copy, which was made of the page when its producer had written it anew', () => {
    const heard = overwritten();
    const { k, of, copy, page } = heard;
    reads(heard, Reader.NIC, copy);
    k.mem[of.address]! ^= 2;
    of.writes++;
    const late = page();
    k.mem.copyWithin(late.address, of.address, of.address + 4096);
    reads(heard, Reader.APPLICATION, late, null);
    expect(heard.said()).toEqual(['corrupt application 1']);
  });

  test('is none for a copy that was made of the page when its producer had written it anew, and over which the stack has written then', () => {
    const heard = hearing();
    const { judge, lend, page, k } = heard;
    const [of, late] = [page(), page()];
    judge.completed(lend(of));
    k.mem.fill(7, of.address, of.address + 4096);
    of.writes++;
    k.mem.copyWithin(late.address, of.address, of.address + 4096);
    judge.written(late, 0, 4096);
    k.mem.fill(8, late.address, late.address + 4096);
    reads(heard, Reader.APPLICATION, late);
    expect(heard.said()).toEqual(['corrupt application 1']);
  });

  test('is one however often the stack writes over it, a part at a time, and when its page has got another copy in between', () => {
    const heard = hearing();
    const { judge, k, lend, page } = heard;
    const [of, copy] = [page(), page()];
    k.mem.fill(3, of.address, of.address + 4096);
    judge.completed(lend(of));
    k.mem.fill(9, copy.address, copy.address + 4096); // of something else
    judge.written(copy, 0, 4096);
    k.mem.fill(10, copy.address, copy.address + 4096);
    k.mem.copyWithin(copy.address, of.address, of.address + 4096); // begun anew, as sk_page_frag_refill does
    judge.written(copy, 0, 1000);
    k.mem.fill(4, copy.address, copy.address + 1000);
    judge.written(copy, 500, 1000);
    k.mem.fill(5, copy.address + 500, copy.address + 1500);
    reads(heard, Reader.NIC, copy);
    expect(heard.said()).toEqual([]);
  });

  test('is known again in pieces, as a packet is cut, and beside bytes that nobody has touched', () => {
    const heard = overwritten();
    const { judge, k, of, copy, page } = heard;
    k.mem[copy.address + 4000]! ^= 1;
    for (const from of [0, 2048])
      judge.read(Reader.NIC, FLOW, 1000 + from, 2048, copy.address + from, copy);
    const whole = page(); // the second half from a packet that has the page itself
    k.mem.copyWithin(whole.address, copy.address, copy.address + 2048);
    k.mem.copyWithin(whole.address + 2048, of.address + 2048, of.address + 4096);
    reads(heard, Reader.APPLICATION, whole, null);
    reads(heard, Reader.APPLICATION, copy, null);
    expect(heard.said()).toEqual([]);
  });

  test('is what it was on another stream that carries the range, and no other excuse there', () => {
    const heard = overwritten();
    const { judge, k, copy, page } = heard;
    k.mem[copy.address + 200]! ^= 1;
    reads(heard, Reader.NIC, copy);
    judge.carried(FLOW + 1, 50, 4000, FLOW, 1096);
    judge.read(Reader.NIC, FLOW + 1, 50, 4000, copy.address + 96, null);
    expect(heard.said()).toEqual([]);
    const late = page();
    k.mem.fill(7, late.address, late.address + 4096);
    judge.read(Reader.NIC, FLOW + 1, 50, 4000, late.address + 96, null);
    expect(heard.said()).toEqual(['corrupt nic 1']);
  });

  test('is what it was where it goes into a head before anybody has read it, though its page is another’s by then', () => {
    const heard = overwritten();
    const { judge, k, copy, page } = heard;
    const head = page();
    k.mem.copyWithin(head.address + 7, copy.address, copy.address + 4089);
    judge.pageFreed(copy, PageHome.GENERAL);
    k.mem.fill(0x6b, copy.address, copy.address + 4096);
    for (const reader of [Reader.NIC, Reader.APPLICATION])
      judge.read(reader, FLOW, 1000, 4089, head.address + 7, null);
    expect(heard.said()).toEqual([]);
    judge.read(Reader.NIC, FLOW, 1000, 4089, copy.address, null); // the page itself holds something else
    expect(heard.said()).toEqual(['corrupt nic 1']);
  });

  test('nor where it lies across two pages, each of which goes its own way (skb_copy_ubufs packs what it copies)', () => {
    const heard = hearing();
    const { judge, lend, page, k } = heard;
    const [of, one, two, head] = [page(), page(), page(), page()];
    for (let i = 0; i < 4096; i++) k.mem[of.address + i] = i * 7;
    judge.completed(lend(of));
    k.mem.copyWithin(one.address + 1000, of.address, of.address + 3096);
    k.mem.copyWithin(two.address, of.address + 3096, of.address + 4096);
    for (const [copy, from, size] of [
      [one, 1000, 3096],
      [two, 0, 1000],
    ] as const) {
      judge.written(copy, from, size);
      for (let i = 0; i < size; i++) k.mem[copy.address + from + i]! ^= 0x5a;
      copy.writes++;
    }
    k.mem.copyWithin(head.address, one.address + 1000, one.address + 4096);
    k.mem.copyWithin(head.address + 3096, two.address, two.address + 1000);
    judge.pageFreed(one, PageHome.GENERAL);
    k.mem.fill(0x6b, one.address, one.address + 4096);
    judge.read(Reader.NIC, FLOW, 1000, 4096, head.address, null);
    expect(heard.said()).toEqual([]);
    k.mem.copyWithin(head.address + 3096, two.address + 1, two.address + 1001); // from the middle of a page nothing goes on
    judge.read(Reader.NIC, FLOW, 1000, 4096, head.address, null);
    expect(heard.said()).toEqual(['corrupt nic 1']);
  });

  test.each(['before the stack wrote over it', 'since'])(
    'but is none in a head where its page held what its producer had written anew, %s',
    (when) => {
      const heard = hearing();
      const { judge, lend, page, k } = heard;
      const [of, copy, head] = [page(), page(), page()];
      judge.completed(lend(of));
      k.mem.copyWithin(copy.address, of.address, of.address + 4096);
      const anew = (): void => {
        k.mem.fill(7, copy.address, copy.address + 4096);
        copy.writes++;
      };
      if (when !== 'since') anew();
      judge.written(copy, 0, 4096);
      k.mem.fill(8, copy.address, copy.address + 4096);
      copy.writes++;
      if (when === 'since') anew();
      k.mem.copyWithin(head.address, copy.address, copy.address + 4096);
      judge.pageFreed(copy, PageHome.GENERAL);
      judge.read(Reader.NIC, FLOW, 1000, 4096, head.address, null);
      expect(heard.said()).toEqual(['corrupt nic 1']);
    },
  );

  test.each<[string, (heard: Hearing, copy: Page) => void]>([
    ['freed', ({ judge }, copy) => judge.pageFreed(copy, PageHome.GENERAL)],
    ['taken by another', ({ judge }, copy) => judge.pageTaken(copy)],
    ['lent', ({ judge, k }, copy) => judge.lent(k.newLoan(4, 0), copy, 0, 4096, FLOW + 1, 0)],
  ])('is none any more once its page is %s', (_, happens) => {
    const heard = overwritten();
    const { k, copy } = heard;
    happens(heard, copy);
    k.mem.fill(0x6b, copy.address, copy.address + 4096);
    reads(heard, Reader.NIC, copy);
    expect(heard.said()).toEqual(['corrupt nic 1']);
  });

  test('is remembered as long as somebody may read it', () => {
    const remembered = ({ judge }: Hearing): string => {
      const seen: string[] = [];
      judge.remembered({ number: (n) => seen.push(String(n)), value: () => {} });
      return seen.join(' ');
    };
    const [never, once, read] = [hearing(), overwritten(), overwritten()];
    never.judge.completed(never.lend());
    reads(read, Reader.NIC, read.copy);
    expect(new Set([never, once, read].map(remembered)).size).toBe(3);
  });
});
