// Fifteen walk-throughs of a lent page through the stack of mainline: D is dataref as (users, payload-only
// users), P counts the stack's references on a page. O is the skb in the write queue, K1, K2 the ones sent.
// Walk-throughs 3, 6 and 13 are in walkthroughs-again.test.ts.
import { describe, expect, test } from 'vitest';
import {
  ERAS,
  PacketSock,
  TcpFlag,
  skbCloned,
  skbHeaderCloned,
  tcpAbort,
  tcpPush,
} from '../src/index.ts';
import { perFrag } from './designs.ts';
import { D, Loop, MSS, NOTHING, P, connected, inUse } from './machine.ts';

const eras = ERAS.map((era) => era.id);
const earlyOrphan = new Set(['2.6.38', '3.2']);

describe.each(eras)('in %s', (era) => {
  test('1. plain send: the page is held from sendpage to the ACK, by one reference', () => {
    const m = connected({ era });
    const page = m.page();
    m.sk.corked = true;
    m.lend(page, 0, 1000);
    const [O] = m.queue;
    expect([D(O!), P(page), O!.cloned, O!.nohdr]).toEqual([[1, 1], 1, 0, 1]);

    m.sk.corked = false;
    tcpPush(m.sk);
    const [K1] = m.ring;
    expect([D(O!), P(page), O!.cloned, O!.nohdr]).toEqual([[2, 1], 1, 1, 1]);
    expect([K1!.shinfo === O!.shinfo, K1!.cloned, K1!.nohdr]).toEqual([true, 1, 0]);
    expect(m.sk.wmemAlloc).toBe(earlyOrphan.has(era) ? 0 : K1!.truesize);

    m.drain();
    expect([K1!.live, D(O!), P(page), O!.cloned]).toEqual([false, [1, 1], 1, 1]); // cloned is sticky
    expect([skbCloned(O!), m.sk.wmemAlloc]).toEqual([false, 0]);

    m.fromPeer({ ack: 1001 });
    expect([O!.live, P(page), inUse(m.k)]).toEqual([false, 0, NOTHING]);
  });

  test('2. retransmit after completion: the ACK frees O, but K2 in the ring keeps the page', () => {
    const m = connected({ era });
    const page = m.page();
    m.lend(page, 0, 1000);
    const [O] = m.queue;
    m.drain();
    m.nicA.stall();
    m.fireRto();
    const [K2] = m.ring;
    expect([D(O!), P(page), K2!.shinfo === O!.shinfo]).toEqual([[2, 1], 1, true]);

    m.fromPeer({ ack: 1001 });
    expect([O!.live, K2!.live]).toEqual([false, true]);
    expect([D(K2!), P(page)]).toEqual([[1, 0], 1]);

    m.nicA.resume();
    m.drain();
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('4. partial ACK while K1 is in flight: the cut is made on a new shared info, and frees nothing', () => {
    const m = connected({ era });
    const [first, second] = [m.page(), m.page()];
    m.nicA.stall();
    m.lendTogether([first, second]);
    const [O] = m.queue;
    const [K1] = m.ring;
    expect([D(O!), O!.pcount, P(first), P(second)]).toEqual([[2, 1], 6, 1, 1]);

    m.fromPeer({ ack: 1 + 3 * MSS });
    expect(O!.shinfo).not.toBe(K1!.shinfo);
    expect([D(O!), O!.cloned, O!.nohdr, O!.pcount]).toEqual([[1, 0], 0, 0, 3]);
    expect([D(K1!), K1!.shinfo.nrFrags, O!.shinfo.nrFrags]).toEqual([[1, 0], 2, 1]);
    expect([P(first), P(second)]).toEqual([1, 2]); // eaten by O, but K1 still reads both

    m.nicA.resume();
    m.drain();
    expect([P(first), P(second)]).toEqual([0, 1]);
    m.nicA.stall();
    m.fireRto();
    const [head, rest] = m.queue;
    expect([D(head!), skbHeaderCloned(head!), head!.nohdr]).toEqual([[2, 0], true, 0]);
    expect([D(rest!), rest!.nohdr, P(second)]).toEqual([[1, 1], 1, 2]); // cut to one segment
    m.nicA.resume();
    m.drain();
    m.fromPeer({ ack: 1 + 8192 });
    expect([P(first), P(second), inUse(m.k)]).toEqual([0, 0, NOTHING]);
  });

  test('5. a split inside a page: both halves refer to it, the first ACK drops only its own entries', () => {
    const m = connected({ era });
    const [first, second] = [m.page(), m.page()];
    m.sk.cwnd = 1;
    m.lendTogether([first, second]);
    const [head, rest] = m.queue;
    expect([m.queue.length, head!.len, rest!.len]).toEqual([2, MSS, 8192 - MSS]);
    expect([D(head!), D(rest!), head!.nohdr, rest!.nohdr]).toEqual([[2, 1], [1, 1], 1, 1]);
    expect([P(first), P(second)]).toEqual([2, 1]);

    m.drain();
    m.fromPeer({ ack: 1 + MSS, window: 0 }); // so that the rest stays where it is
    expect([head!.live, P(first), P(second)]).toEqual([false, 1, 1]);
    tcpAbort(m.sk);
    m.run();
    expect([P(first), P(second), inUse(m.k)]).toEqual([0, 0, NOTHING]);
  });

  test('7. loopback: the ACK comes before the read, and the reader holds the page', () => {
    const m = new Loop({ era });
    const page = m.page();
    m.lend(page, 0, 1000);
    const [O] = m.queue;
    expect([D(O!), P(page), m.sk.wmemAlloc]).toEqual([[2, 1], 1, 0]); // sock_wfree ran in loopback_xmit

    m.netRx();
    const K1 = m.peerSk.receiveQueue.first!;
    expect([D(O!), P(page), K1.shinfo === O!.shinfo]).toEqual([[2, 1], 1, true]);
    m.netRx();
    expect([O!.live, D(K1), P(page), m.peer.received.length]).toEqual([false, [1, 0], 1, 0]);

    m.peer.read();
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
    expect([...m.peer.received]).toEqual([...m.k.mem.subarray(page.address, page.address + 1000)]);
  });

  test('7b. loopback: a reader of small pieces gets the bytes of every page in order', () => {
    const m = new Loop({ era });
    const pages = [m.page(), m.page(), m.page()];
    m.lendTogether(pages, 1001);
    m.netRx();
    m.netRx();
    while (m.peer.read(300) > 0);
    const lent = pages.map(({ address }) => m.k.mem.subarray(address, address + 1001));
    expect(m.peer.received.equals(Buffer.concat(lent))).toBe(true);
    expect([pages.map(P), inUse(m.k).fclones]).toEqual([[0, 0, 0], 0]);
  });

  test('8. a tap on loopback: three sk_buffs, one shared info, and TCP copies where it cloned, or un-shares and clones', () => {
    const m = new Loop({ era });
    const tap = new PacketSock(m.k, 'tcpdump', 1000);
    m.lo.taps.push(tap);
    const page = m.page();
    m.lend(page, 0, 1000);
    const [O] = m.queue;
    expect([D(O!), P(page), tap.queue.qlen]).toEqual([[3, 1], 1, 1]);

    m.fireRto(); // K1 was orphaned, so no era takes it for one that is still in the host
    const first = tap.queue.first!;
    const second = first.next!;
    expect(second.shinfo).not.toBe(first.shinfo);
    // from 4.7 on O leaves the shared info of the first transmission, and K2 and the tap's second clone share the new one
    const unshares = m.k.era.retransmitUnshares;
    expect([second.shinfo === O!.shinfo, first.shinfo === O!.shinfo]).toEqual([
      unshares,
      !unshares,
    ]);
    expect([D(O!), P(page)]).toEqual([unshares ? [3, 0] : [3, 1], 2]);

    m.run(500); // less than the tap takes to read
    m.peer.read();
    expect([m.queue.length, P(page)]).toEqual([0, 2]); // all is acknowledged and read; the tap is not done
    m.run();
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('8b. a tap that has not read yet: after K1 is done a retransmit copies and a trim reallocates', () => {
    const m = connected({ era });
    const tap = new PacketSock(m.k, 'tcpdump', 3_600_000_000 / 2);
    m.nicA.taps.push(tap);
    const page = m.page();
    m.lend(page);
    const [O] = m.queue;
    m.drain();
    expect([D(O!), P(page)]).toEqual([[2, 1], 1]); // O and the tap

    m.fromPeer({ ack: 1 + MSS });
    expect([D(O!), O!.nohdr, P(page)]).toEqual([[1, 0], 0, 2]);
    expect(D(tap.queue.first!)).toEqual([1, 0]);
    m.fromPeer({ ack: 1 + 4096 });
    expect([P(page), m.queue.length]).toEqual([1, 0]);
    tap.take();
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('9. a tap with snaplen 96 trims its clone: a private shared info that pins the first page, or has its bytes in the head', () => {
    const m = connected({ era });
    const tap = new PacketSock(m.k, 'tcpdump -s 96', 1000, 96);
    m.nicA.taps.push(tap);
    const [first, second] = [m.page(), m.page()];
    m.lendTogether([first, second], 2048);
    const seen = tap.queue.first!;
    const [O] = m.queue;
    expect(seen.shinfo).not.toBe(O!.shinfo);
    expect([D(seen), D(O!), seen.len]).toEqual([[1, 0], [2, 1], 96]);
    const pinned = m.k.era.trimCondenses ? 0 : 1;
    expect([P(first), P(second)]).toEqual([1 + pinned, 1]);

    m.drain();
    m.fromPeer({ ack: 1 + 4096 });
    expect([P(first), P(second)]).toEqual([pinned, 0]);
    m.take('tcpdump -s 96');
    expect([P(first), P(second), inUse(m.k)]).toEqual([0, 0, NOTHING]);
  });

  test('10. a device that lost its scatter/gather: K1 is linearised on its own head, O keeps the page', () => {
    const features = { sg: false, csum: false, tso: false, gso: false };
    const m = connected({ era, features, route: { sg: true, gso: false } });
    const page = m.page();
    m.lend(page, 0, 1000);
    const [O] = m.queue;
    const [K1] = m.ring;
    expect(K1!.shinfo).not.toBe(O!.shinfo);
    expect([K1!.dataLen, K1!.shinfo.nrFrags, D(K1!)]).toEqual([0, 0, [1, 0]]);
    expect([O!.shinfo.nrFrags, D(O!), P(page)]).toEqual([1, [1, 1], 1]);
    m.drain();
    expect([D(O!), P(page)]).toEqual([[1, 1], 1]);
    m.fromPeer({ ack: 1001 });
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('11. software GSO: a reference for every pair of segment and page, held by late completions', () => {
    const m = connected({ era, features: { tso: false }, ringSize: 20 });
    const pages = Array.from({ length: 16 }, () => m.page());
    m.lendTogether(pages);
    const [O] = m.queue;
    expect([O!.pcount, O!.len]).toEqual([45, 45 * MSS]);
    const held = m.k.era.cutFreesPacket ? [1, 1] : [2, 1]; // K1 goes as it is cut up, or with its last segment
    expect([D(O!), m.ring.length]).toEqual([held, 45]); // 20 in the ring, 25 wait above the driver
    // Segments that reach into a page, and O; the last 376 bytes of page 15 wait in a second skb.
    const touching = (i: number): number => {
      const end = Math.min((i + 1) * 4096, 45 * MSS);
      return Math.ceil(end / MSS) - Math.floor((i * 4096) / MSS);
    };
    expect(pages.slice(0, 15).map(P)).toEqual(pages.slice(0, 15).map((_, i) => touching(i) + 1));
    expect(P(pages[15]!)).toBe(touching(15) + 2); // the second skb's own

    for (let i = 0; i < 20; i++) m.dma();
    m.txDone(); // the last segment is handed over within the second ring, the parent not yet gone
    expect(D(O!)).toEqual(held);
    for (let i = 0; i < 20; i++) m.dma();
    m.txDone();
    expect([D(O!), m.ring.length]).toEqual([[1, 1], 5]);
    m.fromPeer({ ack: 1 + 45 * MSS });
    expect(O!.live).toBe(false);
    expect(pages.slice(0, 14).map(P)).toEqual(Array.from({ length: 14 }, () => 0));
    expect([P(pages[14]!), P(pages[15]!)]).toEqual([3, touching(15) + 1]); // five segments in the ring
    m.drain();
    m.fromPeer({ ack: 1 + 65536 });
    expect([pages.map(P), inUse(m.k)]).toEqual([pages.map(() => 0), NOTHING]);
  });

  test('12. two sendpage calls meet on one page: one entry, one reference, and neither owner in sight', () => {
    const m = connected({ era });
    const page = m.page();
    m.sk.corked = true;
    m.lend(page, 0, 500);
    m.lend(page, 500, 500);
    const [O] = m.queue;
    expect([O!.shinfo.nrFrags, P(page), O!.shinfo.frags[0]!.size]).toEqual([1, 1, 1000]);

    const tagged = connected({ era, design: perFrag });
    const other = tagged.page();
    tagged.sk.corked = true;
    tagged.lend(other, 0, 500);
    tagged.lend(other, 500, 500);
    expect(tagged.queue[0]!.shinfo.nrFrags).toBe(2); // different owners may not merge
  });

  test('14. the ACK ends inside a segment: O is left alone, and its pages stay until the next ACK', () => {
    const m = connected({ era });
    const page = m.page();
    m.lend(page, 0, 1000);
    const [O] = m.queue;
    m.drain();
    m.fromPeer({ ack: 501 });
    expect([m.sk.sndUna, O!.len, D(O!), P(page)]).toEqual([m.seqOf(501), 1000, [1, 1], 1]);
    m.fromPeer({ ack: 1001 });
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('15. a RST purges the write queue, but clones in the ring keep their pages', () => {
    const m = connected({ era });
    const page = m.page();
    m.nicA.stall();
    m.lend(page, 0, 1000);
    const [O] = m.queue;
    const [K1] = m.ring;
    m.fromPeer({ ack: 1, flags: TcpFlag.RST });
    expect([m.app.isGone, O!.live, m.queue.length]).toEqual([true, false, 0]);
    expect([D(K1!), P(page)]).toEqual([[1, 0], 1]);
    m.nicA.resume();
    m.drain();
    expect([P(page), inUse(m.k), m.accounts().wmemAlloc]).toEqual([0, NOTHING, 0]);
  });
});
