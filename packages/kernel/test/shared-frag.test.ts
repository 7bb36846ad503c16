// Who sums a packet must not sum bytes that somebody changes before it is read: since 3.9 what is marked is copied first.
import { expect, test } from 'vitest';
import {
  Link,
  NfQueue,
  Nic,
  Site,
  kfreeSkb,
  lendFrag,
  linearPacket,
  zerocopySgFromIovec,
  pskbCopy,
  skbClone,
  skbHasSharedFrag,
  BASE_HEADERS,
  Checksum,
  Side,
  Cost,
  allocSkb,
  skbPut,
  writeIpHeader,
  type Kernel,
  type SkBuff,
} from '../src/index.ts';
import { NOTHING, bareKernel, connected, inUse, newPage } from './machine.ts';

const SUMMED = { features: { csum: false }, route: { sg: true, gso: false } };

test.each([
  ['3.8', 1, 1],
  ['3.18', 0, 0],
  ['7.2.13', 0, 0],
])('Linux %s: a lent page changes between checksum and DMA', (era, pages, spoilt) => {
  const m = connected({ era, ...SUMMED });
  const page = m.page();
  const was = Buffer.from(m.k.mem.subarray(page.address, page.address + 1000));
  m.lend(page, 0, 1000);
  const [waits] = m.ring;
  expect(waits!.shinfo.nrFrags).toBe(pages);
  m.k.mem[page.address + 500]! ^= 0xff;
  m.run();
  expect(m.b.checksumErrors).toBe(spoilt);
  expect(m.peer.received.equals(was)).toBe(spoilt === 0); // else the peer has what was sent again
});

test('the copy for the sum is paid for, and a page of the stack itself is not copied for it', () => {
  const copied = (m: ReturnType<typeof connected>, act: () => void): number => {
    const at = Side.LENT + Cost.COPIED_PAYLOAD;
    const before = m.k.ledger.counts[at]!;
    act();
    return m.k.ledger.counts[at]! - before;
  };
  const m = connected({ era: '3.18', ...SUMMED });
  expect(copied(m, () => m.lend(m.page(), 0, 1000))).toBe(1000);
  const own = connected({ era: '3.18', ...SUMMED });
  const big = Buffer.alloc(1448, 7);
  const once = copied(own, () => own.send(big));
  const old = connected({ era: '3.8', ...SUMMED });
  expect(once).toBe(copied(old, () => old.send(big)));
});

/** A packet of IP and UDP headers and one page that TCP lent, as its device gets it. */
function lentPacket(k: Kernel): SkBuff {
  const skb = allocSkb(k, BASE_HEADERS, false);
  const at = skbPut(skb, BASE_HEADERS);
  writeIpHeader(k.mem, at, BASE_HEADERS - 20 + 4096, 1, 6, 1, 2);
  skb.headers = BASE_HEADERS;
  skb.ipSummed = Checksum.PARTIAL;
  lendFrag(k, skb, newPage(k), 0, 4096, k.newLoan(0, 1), k.era.lendersMark);
  skb.len += 4096;
  skb.dataLen += 4096;
  return skb;
}

test.each([
  ['5.10.223', false],
  ['7.2.13', true],
])('Linux %s: does a copy of the head, as of a retransmission, still say so?', (era, says) => {
  const k = bareKernel({ era });
  const skb = lentPacket(k);
  expect(skbHasSharedFrag(k, skb)).toBe(true);
  expect(skbHasSharedFrag(k, pskbCopy(k, skb))).toBe(says); // f84eca581739
});

test.each([
  ['3.8', false, 1],
  ['3.18', false, 0],
  ['3.18', true, 1],
])(
  'Linux %s: behind NFQUEUE, with NFQA_CFG_F_GSO: %s, pages that wait: %i',
  (era, takesGso, pages) => {
    const k = bareKernel({ era });
    const nic = new Nic(k, 'nic', {
      features: { sg: true, csum: true, tso: true, gso: true },
      mtu: 1500,
      ringSize: 8,
      dmaTicks: 0,
      txDoneTicks: 0,
    });
    nic.link = new Link(k, 'wire', { rate: 1e9, delayTicks: 0 }, null);
    const queue = new NfQueue(k, 'queue', nic, { copyRange: 65535, takesGso, readTicks: 5 });
    const skb = lentPacket(k);
    const waits = skbClone(k, skb, Site.XMIT);
    queue.enqueue(waits);
    expect([waits.shinfo.nrFrags, waits.ipSummed]).toEqual([
      pages,
      takesGso ? Checksum.PARTIAL : Checksum.NONE,
    ]);
    expect(skb.shinfo.nrFrags).toBe(1); // what is not summed stays as it is
    queue.readMessage();
    queue.verdict(1);
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  },
);

test('without memory for the copy only this packet is lost, and TCP sends it again', () => {
  const twin = connected({ era: '3.18', ...SUMMED });
  const page = twin.page();
  const { allocations } = twin.k;
  twin.lend(page, 0, 1000);
  const last = twin.k.allocations - allocations; // the head that has room for the copy
  const m = connected({ era: '3.18', ...SUMMED });
  m.k.failIn = last + 1; // and the page of the producer
  m.lend(m.page(), 0, 1000);
  expect([m.nicA.drops, m.ring.length]).toEqual([1, 0]);
  m.run();
  expect([m.sk.timeouts, m.peer.received.length]).toEqual([1, 1000]);
});

test.each([
  ['3.8', false],
  ['3.18', true],
])('Linux %s: what a process hands over by reference through tun is marked: %s', (era, marked) => {
  const k = bareKernel({ era });
  const bytes = {
    pages: [newPage(k)],
    size: 1000,
    flow: k.newFlow(Side.LENT),
    seq: 0,
    saddr: 1,
    daddr: 2,
  };
  const skb = linearPacket(k, bytes, 256);
  zerocopySgFromIovec(k, skb, bytes, k.newLoan(0, 1), 'marked');
  expect([skb.shinfo.nrFrags, skbHasSharedFrag(k, skb)]).toEqual([1, marked]);
});
