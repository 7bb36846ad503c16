// What the ledger charges, counted by hand: locked operations, allocations, copied bytes; and to whom.
import { describe, expect, test } from 'vitest';
import {
  COPY,
  Context,
  Cost,
  ERAS,
  GetPutPage,
  Kernel,
  NoProbe,
  PLAIN_STRUCTS,
  Side,
  allocSkb,
  eraOf,
  getPage,
  headClass,
  kfreeSkb,
  pskbCopy,
  putPage,
  skbClone,
  skbCopy,
  skbPut,
  skbReserve,
  tcpShutdown,
  type CloneAnswer,
  type SkBuff,
} from '../src/index.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { Loop, MSS, bareKernel, connected, mainline, newPage } from './machine.ts';

const eras = ERAS.map((era) => era.id);

/** What `act` adds to the counters of `side`; zeros are left out. */
function charged(k: Kernel, side: Side, act: () => void): Record<string, number> {
  const before = k.ledger.side(side);
  act();
  const after = k.ledger.side(side);
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, n]): [string, number] => [name, n - before[name]!])
      .filter(([name, n]) => n !== 0 && !/Lines$|Away$/.test(name)),
  );
}

/** 60 linear bytes, 52 of them headers, and 1000 bytes in each of three pages. */
function packet(k: Kernel): SkBuff {
  const skb = allocSkb(k, 128, true);
  skbReserve(skb, 68);
  skbPut(skb, 60);
  skb.headers = 52;
  for (let i = 0; i < 3; i++) {
    const page = newPage(k);
    getPage(k, page);
    k.fillPageDesc(skb, page, 0, 1000);
    skb.len += 1000;
    skb.dataLen += 1000;
  }
  return skb;
}

test.each(eras)('a plain send, step by step (%s)', (era) => {
  const m = connected({ era });
  const page = m.page();
  m.nicA.stall();
  m.sk.corked = true;
  const step = (act: () => void): Record<string, number> => charged(m.k, Side.LENT, act);
  const header = m.k.era.headerReleaseStores ? 0 : 1; // 3.18 on: __skb_header_release stores
  const pair = m.k.era.fastCloneStores ? 0 : 1; // 3.19 on: only the clone's free is locked
  const hold = m.k.era.wmemHoldsSocket ? 1 : 0; // up to 2.6.30 a packet holds its socket
  // 3.6 to 4.9: TSQ_THROTTLED; 3.18 on: the last byte of the charge goes by sk_free
  const wfree = 1 + hold + (era === '3.8' || era === '3.18' ? 1 : 0) + (m.k.era.wfreeInTwo ? 1 : 0);
  const last = m.k.era.lastDataReads ? 0 : 1; // 6.9 on: skb_data_unref
  expect(step(() => m.lend(page, 0, 1000))).toEqual({
    atomicsRef: 1 + header, // skb_header_release, get_page
    allocSkb: 1, // both halves of the pair
    kmalloc1024: 1, // 304 bytes in front of nothing, and the shared info; from 6.3 on 640 bytes of a cache of their own
  });
  m.sk.corked = false;
  const early = m.k.era.earlyOrphan; // the charge to the socket is taken back before the driver
  expect(step(() => m.lend(page, 1000, 0))).toEqual({
    atomicsRef: (early ? 3 : 2) + pair + hold, // fclone_ref, dataref, sk_wmem_alloc
    segments: 1,
    ...(early ? { indirectCalls: 1 } : {}),
  });
  m.nicA.resume();
  expect(step(() => m.drain())).toEqual({
    atomicsRef: early ? 2 : 2 + wfree, // sk_wmem_alloc, dataref, fclone_ref
    ...(early ? {} : { indirectCalls: 1 }),
  });
  expect(step(() => m.fromPeer({ ack: 1001 }))).toEqual({
    atomicsRef: 1 + last + pair, // dataref, put_page, fclone_ref
  });
});

test('a notification of MSG_ZEROCOPY is an skb with a head, and five locked operations', () => {
  const k = bareKernel({ era: '4.14' });
  expect(charged(k, Side.LENT, () => k.notify(0, 0, 0, false))).toEqual({
    allocSkb: 1,
    kmalloc512: 1,
    atomicsDesign: 5,
  });
});

test('who lets go of a ubuf_info calls its callback from 5.12 on; before, the last one does', () => {
  const calls = (era: string): number | undefined => {
    const k = bareKernel({ era, design: msgZerocopy });
    const [page, loan] = [newPage(k), k.newLoan(0, 1)];
    const skb = packet(k);
    k.lifetime.lend(skb, page, 0, 100, loan);
    const all = (): void => {
      kfreeSkb(k, pskbCopy(k, skb)); // a second shared info
      kfreeSkb(k, skb);
      k.lifetime.released(loan); // the send call's own
    };
    return charged(k, k.side, all)['indirectCalls'];
  };
  expect(['4.14', '5.10.223', '6.1.192', '7.2.13'].map(calls)).toEqual([1, 1, 3, 3]);
});

describe('copies', () => {
  test('skb_clone: two atomics in the pair; else one, and a struct', () => {
    const k = bareKernel();
    const skb = packet(k);
    expect(charged(k, Side.LENT, () => skbClone(k, skb, 1))).toEqual({ atomicsRef: 2 });
    expect(charged(k, Side.LENT, () => skbClone(k, skb, 1))).toEqual({
      atomicsRef: 1,
      allocSkb: 1,
    });
  });

  test('pskb_copy: a head, its linear bytes, and one atomic per frag', () => {
    const k = bareKernel();
    const skb = packet(k);
    expect(charged(k, Side.LENT, () => pskbCopy(k, skb))).toEqual({
      atomicsRef: 3,
      allocSkb: 1,
      kmalloc512: 1,
      copiedBytes: 60,
    });
  });

  test('skb_copy: all bytes, in a head that holds them, and no atomic', () => {
    const k = bareKernel();
    const skb = packet(k);
    expect(charged(k, Side.LENT, () => skbCopy(k, skb))).toEqual({
      allocSkb: 1,
      kmalloc4096: 1,
      copiedBytes: 3060,
      copiedPayloadBytes: 3008,
    });
  });

  test('a design that answers COPY makes every clone one of these', () => {
    class Copies extends GetPutPage {
      override clone(): CloneAnswer {
        return COPY;
      }
    }
    const k = bareKernel({ design: { ...mainline, id: 'copies', create: (s) => new Copies(s) } });
    const skb = packet(k);
    const { copiedBytes, atomicsRef } = charged(k, Side.LENT, () => skbClone(k, skb, 1));
    expect([copiedBytes, atomicsRef, skb.cloned]).toEqual([3060, undefined, 0]);
  });

  test('a head is the smallest class that holds the bytes and the shared info', () => {
    const k = bareKernel();
    const sizes = [0, 192, 193, 704, 705, 1728];
    expect(sizes.map((bytes) => headClass(k, bytes))).toEqual([0, 0, 1, 1, 2, 2]);
  });
});

describe('structs and processors', () => {
  const with456 = (): Kernel =>
    new Kernel(mainline, eraOf('3.8')!, new NoProbe(), 64, undefined, {
      ...PLAIN_STRUCTS,
      shinfo: 456,
      frag: 24,
    });

  test('a head is charged as large as design and kernel make its shared info, and stays as it is', () => {
    const [plain, grown] = [bareKernel(), with456()];
    const ends = [plain, grown].map((k) => {
      const { shinfo } = allocSkb(k, 192, false);
      return shinfo.end - shinfo.head;
    });
    expect(ends).toEqual([192, 192]);
    expect(plain.ledger.side(Side.LENT)).toMatchObject({ kmalloc512: 1, kmalloc1024: 0 });
    expect(grown.ledger.side(Side.LENT)).toMatchObject({ kmalloc512: 0, kmalloc1024: 1 });
  });

  test('entries that are longer are more lines', () => {
    const lines = [bareKernel(), with456()].map((k) => {
      const skb = packet(k);
      const before = k.ledger.side(Side.LENT)['structLines']!;
      kfreeSkb(k, skb);
      return k.ledger.side(Side.LENT)['structLines']! - before;
    });
    expect(lines).toEqual([1, 2]); // three entries: 48 bytes, 72
  });

  test('a count that an interrupt drops after a system call took it was on another processor', () => {
    const k = bareKernel();
    const page = newPage(k);
    const away = (): number => k.ledger.side(Side.LENT)['atomicsRefAway']!;
    k.context = Context.PROCESS;
    getPage(k, page);
    putPage(k, page);
    getPage(k, page);
    expect(away()).toBe(0);
    k.context = Context.SOFTIRQ;
    putPage(k, page);
    expect(away()).toBe(1);
  });
});

describe('who pays', () => {
  test('the side of the sender pays for what it sends, the peer for what arrives', () => {
    const m = connected();
    const pages = [m.page(), m.page(), m.page(), m.page()];
    const { segments, copiedBytes, copiedPayloadBytes } = charged(m.k, Side.LENT, () => {
      m.lendTogether(pages);
      m.run();
    });
    expect([segments, copiedBytes, copiedPayloadBytes]).toEqual([12, undefined, undefined]); // 11.3 × MSS
    const peer = m.k.ledger.side(Side.PEER);
    expect([peer['copiedBytes'], peer['segments']]).toEqual([4 * 4096, 0]); // the application's read
    const nobody = m.k.ledger.side(Side.ORDINARY);
    expect(Object.values(nobody).every((n) => n === 0)).toBe(true);
  });

  test('ordinary traffic copies what it sends, once, and takes pages for it', () => {
    const m = connected();
    const bytes = new Uint8Array(3 * MSS);
    const costs = charged(m.k, Side.LENT, () => {
      m.send(bytes);
      m.run();
    });
    expect([costs['copiedBytes'], costs['copiedPayloadBytes']]).toEqual([3 * MSS, 3 * MSS]);
    expect(costs['segments']).toBe(4); // send() of 4096 bytes and of 248
    expect(costs['allocPage']).toBe(3); // one of them is the caller's own
  });

  test('over loopback each end pays for its own half', () => {
    const m = new Loop({ eager: true });
    const ordinary = charged(m.k, Side.ORDINARY, () => {
      const lent = charged(m.k, Side.LENT, () => {
        m.lend(m.page());
        m.run();
      });
      expect([lent['segments'], lent['copiedBytes'], lent['allocSkb']]).toEqual([1, undefined, 1]);
    });
    expect([ordinary['copiedBytes'], ordinary['segments']]).toEqual([4096, undefined]);
  });

  test('a device without checksums makes the processor sum every byte behind the IP header', () => {
    const m = connected({ features: { csum: false }, route: { sg: true, gso: false } });
    const { checksumBytes } = charged(m.k, Side.LENT, () => m.lend(m.page(), 0, 1000));
    expect(checksumBytes).toBe(20 + 12 + 1000);
  });

  test('a connection that comes and goes leaves the same number of objects as before', () => {
    const m = connected();
    tcpShutdown(m.sk);
    tcpShutdown(m.peerSk);
    m.run();
    expect(m.k.ledger.counts[Side.LENT + Cost.ALLOC_SKB]).toBeGreaterThan(0);
    expect([m.k.skbs.used, m.k.fclones.used, m.k.shinfos.used]).toEqual([0, 0, 0]);
  });
});
