// The walk-throughs in which something is sent twice or merged: retransmission while the first copy is queued,
// SACKed skbs that merge, an RPC that is resent. Numbers as in walkthroughs.test.ts.
import { describe, expect, test } from 'vitest';
import { ERAS, REPLY_BYTES, RpcTcpXprt, type Design, type RpcRequest } from '../src/index.ts';
import { atReturn, perFrag } from './designs.ts';
import { D, MSS, NOTHING, P, SETTLED, connected, inUse, mainline } from './machine.ts';

const shifting = ERAS.filter((era) => era.skbShift).map((era) => era.id);
const before318 = ERAS.filter((era) => !era.hostQueueCheck).map((era) => era.id);

test.each(before318)('3. retransmit while K1 is queued, in %s: a second shared info', (era) => {
  const m = connected({ era });
  const page = m.page();
  m.nicA.stall();
  m.lend(page, 0, 1000);
  const [O] = m.queue;
  m.fireRto();
  const [K1, K2] = m.ring;
  expect(K2!.shinfo).not.toBe(O!.shinfo);
  expect([D(O!), D(K2!), P(page)]).toEqual([[2, 1], [1, 0], 2]);

  m.fromPeer({ ack: 1001 });
  expect([D(K1!), P(page)]).toEqual([[1, 0], 2]);
  m.nicA.resume();
  m.dma();
  m.txDone();
  expect([K1!.live, K2!.live, P(page)]).toEqual([false, true, 1]);
  m.drain();
  expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
});

test('3b. retransmit while K1 is queued, in 3.18: refused until it has left the host', () => {
  const m = connected({ era: '3.18' });
  const page = m.page();
  m.nicA.stall();
  m.lend(page, 0, 1000);
  m.fireRto();
  expect([m.ring.length, m.sk.retransmits, P(page)]).toEqual([1, 0, 1]);
  m.nicA.resume();
  m.drain();
  m.fireRto();
  expect([m.ring.length, m.sk.retransmits, P(page)]).toEqual([1, 1, 1]);
});

describe('6. two SACKed skbs on two halves of one page', () => {
  /** The first segment is missing, the two behind it share a page and are SACKed one by one. */
  function sacked(era: string, isInFlight: boolean) {
    const m = connected({ era });
    const [hole, page] = [m.page(), m.page()];
    m.nicA.stall();
    m.lend(hole, 0, MSS);
    m.lend(page, 0, MSS);
    m.lend(page, MSS, MSS);
    const [, left, right] = m.queue;
    if (!isInFlight) {
      m.nicA.resume();
      m.drain();
    }
    m.fromPeer({ ack: 1, sacks: [[1 + MSS, 1 + 2 * MSS]] });
    m.fromPeer({ ack: 1, sacks: [[1 + MSS, 1 + 3 * MSS]] });
    return { m, page, left: left!, right: right! };
  }

  test.each(shifting)('in %s they merge: one entry, one reference less', (era) => {
    const { m, page, left, right } = sacked(era, false);
    expect([right.live, left.len, left.shinfo.nrFrags, P(page)]).toEqual([false, 2 * MSS, 1, 1]);
    expect([D(left), left.pcount, m.sk.sackedOut]).toEqual([[1, 1], 2, 2]);
    m.fromPeer({ ack: 1 + 3 * MSS });
    expect([P(page), m.accounts()]).toEqual([0, SETTLED]);
  });

  test.each(shifting)('in %s both are un-shared first while clones are in flight', (era) => {
    const { m, page, left, right } = sacked(era, true);
    const [, K2, K3] = m.ring;
    expect([right.live, D(left), left.nohdr]).toEqual([false, [1, 0], 0]);
    expect([D(K2!), D(K3!), P(page)]).toEqual([[1, 0], [1, 0], 3]); // left's, K2's and K3's
    m.nicA.resume();
    m.drain();
    expect(P(page)).toBe(1);
    m.fromPeer({ ack: 1 + 3 * MSS });
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('in 2.6.24 there is no skb_shift: they are marked, and stay two', () => {
    const { m, page, left, right } = sacked('2.6.24', false);
    expect([left.len, right.len, P(page), m.sk.sackedOut]).toEqual([MSS, MSS, 2, 2]);
  });
});

describe('6b. what lies behind a hole, loan by loan and SACKed', () => {
  type Block = readonly [number, number];

  /** The first segment is missing; behind it come loans of so many bytes, of which the peer has what the blocks say. */
  function behindHole(era: string, loans: readonly number[], ...acks: (readonly Block[])[]) {
    const m = connected({ era });
    for (const bytes of [MSS, ...loans]) m.lend(m.page(), 0, bytes);
    m.drain();
    const behind = ([from, to]: Block): [number, number] => [1 + MSS + from, 1 + MSS + to];
    for (const sacks of acks) m.fromPeer({ ack: 1, sacks: sacks.map(behind) });
    const packets = m.queue.map(({ len, pcount, shinfo }) => [len, pcount, shinfo.gsoSize]);
    return { packets, sackedOut: m.sk.sackedOut };
  }

  test.each(shifting)('in %s a last segment, which is shorter, is joined to nothing', (era) => {
    const each = [MSS, 2 * MSS, 4096, 4096 + MSS].map((to) => [[0, to]] as const);
    expect(behindHole(era, [4096, 4096], ...each)).toEqual({
      packets: [
        [MSS, 1, 0],
        [2 * MSS, 2, MSS],
        [4096 - 2 * MSS, 1, 0],
        [MSS, 1, 0], // of the next loan, and alone
        [4096 - MSS, 2, MSS],
      ],
      sackedOut: 4,
    });
  });

  test.each(shifting)('in %s packets that a block covers whole are joined, however long', (era) => {
    expect(behindHole(era, [4096, 3000, 4096], [[0, 4096]], [[0, 7096]])).toEqual({
      packets: [
        [MSS, 1, 0],
        [7096, 6, MSS],
        [4096, 3, MSS],
      ],
      sackedOut: 6,
    });
  });

  test.each(shifting)('in %s what fills a hole takes along what waited behind it', (era) => {
    const [one, three, four] = [
      [0, MSS],
      [2 * MSS, 3 * MSS],
      [0, 4 * MSS],
    ] as const;
    expect(behindHole(era, [MSS, MSS, MSS, MSS], [one], [three, one], [four])).toEqual({
      packets: [
        [MSS, 1, 0],
        [4 * MSS, 4, MSS],
      ],
      sackedOut: 4,
    });
  });
});

describe('13. an RPC is sent twice, and the reply to the first copy completes the call', () => {
  const RECORD = 128 + 4096;

  /** The first copy is sent and completed; the second one waits in the write queue for the window. */
  function resent(design: Design) {
    const m = connected({ design });
    const user = { replies: 0, connected: () => {}, answered: () => user.replies++ };
    const xprt = new RpcTcpXprt(m.k, { name: 'nfs', slots: 1, timeoutTicks: 60_000_000 }, user);
    m.sk.user = xprt;
    m.sk.sndWnd = RECORD;
    xprt.established(m.sk);
    const page = m.page();
    const loan = m.k.newLoan(0, 0);
    const [request] = xprt.slots;
    xprt.call(request!, [page], 4096, loan);
    m.drain();
    const completedAtReturn = loan.completed;
    m.take('rpc timeout nfs.0');
    const [O1, O2] = m.queue;
    return { m, user, page, loan, request: request!, O1: O1!, O2: O2!, completedAtReturn };
  }

  function reply(request: RpcRequest): Uint8Array {
    const bytes = new Uint8Array(REPLY_BYTES);
    new DataView(bytes.buffer).setUint32(4, request.xid);
    return bytes;
  }

  test('mainline: two skbs, two references, and the second outlives the call', () => {
    const { m, user, page, request, O1, O2 } = resent(mainline);
    expect([m.queue.length, m.sk.sendHead === O2, P(page)]).toEqual([2, true, 2]);
    m.fromPeer({ ack: 1 + RECORD, window: 0, data: reply(request) });
    expect([user.replies, O1.live, O2.live, P(page)]).toEqual([1, false, true, 1]);
    m.fromPeer({ ack: 1 + RECORD, seq: 1 + REPLY_BYTES });
    m.drain();
    m.fromPeer({ ack: 1 + 2 * RECORD, seq: 1 + REPLY_BYTES });
    expect(P(page)).toBe(0);
  });

  test('a design that trusts the return of sendpage has told the producer before the first ACK', () => {
    const { page, completedAtReturn } = resent(atReturn);
    expect([completedAtReturn, P(page)]).toEqual([true, 2]);
  });

  test('a destructor in each frag: told when the last byte of the second copy is acknowledged', () => {
    const { m, user, loan, request } = resent(perFrag);
    expect(loan.refs).toBe(3); // one for each copy, and the producer's own
    m.fromPeer({ ack: 1 + RECORD, window: 0, data: reply(request) });
    expect([user.replies, loan.refs, loan.completed]).toEqual([1, 1, false]);
    m.nicA.stall();
    m.fromPeer({ ack: 1 + RECORD, seq: 1 + REPLY_BYTES });
    m.fromPeer({ ack: 1 + 2 * RECORD, seq: 1 + REPLY_BYTES });
    expect([m.queue.length, loan.completed]).toEqual([0, false]); // acknowledged, but in the ring
    m.nicA.resume();
    m.drain();
    expect([loan.refs, loan.completed]).toEqual([0, true]);
  });
});
