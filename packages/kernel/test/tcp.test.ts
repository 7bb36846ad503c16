// What TCP does, seen on the wire and in its accounts: handshake, windows, timers, losses, closing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CaState,
  ERAS,
  LinkVerb,
  NoProbe,
  PAGE_SIZE,
  PacketSock,
  Reader,
  TcpFlag,
  TcpState,
  checksumAdd,
  checksumFold,
  tcpSendmsg,
  tcpSendpage,
  tcpShutdown,
  type Features,
  type Probe,
} from '../src/index.ts';
import {
  MSS,
  Machine,
  NOTHING,
  P,
  SETTLED,
  connected,
  inUse,
  settled,
  type Segment,
  type Setup,
} from './machine.ts';

const eras = ERAS.map((era) => era.id);
const NO_OFFLOAD: Features = { sg: false, csum: false, tso: false, gso: false };
const { SYN, ACK, FIN, RST } = TcpFlag;

/** `size` bytes that do not repeat soon. */
function noise(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => i * 7 + (i >> 7) + (i >> 13)));
}

/** What a producer lends: the bytes of its pages. */
function bytesOf(m: Machine): Buffer {
  return Buffer.concat(m.owned.map((p) => m.k.mem.subarray(p.address, p.address + PAGE_SIZE)));
}

/** Loses each segment that fits, the first `times` times. */
function loseFirst(m: Machine, fits: (s: Segment) => boolean, times = 1): void {
  let left = times;
  m.lose = (s) => fits(s) && left-- > 0;
}

describe('opening', () => {
  test('three segments, and what each side may send is agreed in the first two', () => {
    const m = new Machine().dial();
    m.run();
    expect(m.log.map((s) => [s.from, s.flags, s.seq, s.ack, s.mss, s.wscale])).toEqual([
      ['a', SYN, 0, expect.any(Number), 1460, 7],
      ['b', SYN | ACK, 0, 1, 1460, 7],
      ['a', ACK, 1, 1, 0, -1],
    ]);
    expect([m.sk.state, m.peerSk.state]).toEqual([TcpState.ESTABLISHED, TcpState.ESTABLISHED]);
    expect([m.app.isUp, m.peer.isUp, m.sk.mss, m.sk.sndWscale]).toEqual([true, true, MSS, 7]);
    expect([m.accounts(), m.accounts(m.peerSk), inUse(m.k)]).toEqual([SETTLED, SETTLED, NOTHING]);
  });

  test('the smaller device decides about the segment size', () => {
    const m = connected({ peerMtu: 576 });
    expect([m.sk.mss, m.peerSk.mss]).toEqual([524, 524]);
    m.lend(m.page());
    m.run();
    expect(m.data.map((s) => s.payload)).toEqual([524, 524, 524, 524, 524, 524, 524, 428]);
  });

  test.each(ERAS)('a lost SYN goes again after $rtoInitial µs ($id)', ({ id, rtoInitial }) => {
    const m = new Machine({ era: id });
    loseFirst(m, (s) => s.flags === SYN, 2);
    m.dial().run();
    const at = m.log.filter((s) => s.flags === SYN).map((s) => s.tick);
    expect([at[1]! - at[0]!, at[2]! - at[1]!]).toEqual([rtoInitial, 2 * rtoInitial]);
    expect([m.app.isUp, m.peer.isUp, m.accounts()]).toEqual([true, true, SETTLED]);
  });

  test('a lost SYN|ACK goes again, and the handshake still ends', () => {
    const m = new Machine();
    loseFirst(m, (s) => s.flags === (SYN | ACK));
    m.dial().run();
    expect([m.app.isUp, m.peer.isUp, inUse(m.k)]).toEqual([true, true, NOTHING]);
    m.lend(m.page());
    m.run();
    expect(m.peer.received).toEqual(bytesOf(m));
  });

  test('a port where nobody listens answers with RST', () => {
    const m = new Machine();
    m.b.closeListener(2049);
    m.b.listen(2050, m.peer);
    m.dial().run();
    expect([m.log.at(-1)!.flags & RST, m.app.isGone, m.queue]).toEqual([RST, true, []]);
  });
});

describe('the congestion window', () => {
  test('doubles in a round trip up to ssthresh, then grows by one', () => {
    const m = connected({ cwnd: 3 });
    m.sk.ssthresh = 8;
    for (let i = 0; i < 40; i++) m.lend(m.page());
    const cwnds = [];
    for (let round = 0; round < 5; round++) {
      cwnds.push(m.sk.cwnd);
      expect(m.sk.packetsOut).toBe(m.sk.cwnd); // all of it is used
      m.fromPeer({ ack: 1 + ((m.sk.sndNxt - m.seqOf(1)) | 0) });
    }
    expect(cwnds).toEqual([3, 6, 12, 13, 14]);
  });

  test('does not grow while the application is the limit', () => {
    const m = connected({ cwnd: 10 });
    for (let i = 0; i < 5; i++) {
      m.lend(m.page(), 0, 1000);
      m.fromPeer({ ack: 1 + 1000 * (i + 1) });
    }
    expect(m.sk.cwnd).toBe(10);
  });
});

describe('the retransmission timer', () => {
  test.each(eras)('doubles from 200 ms to 120 s, then the connection is given up (%s)', (era) => {
    const m = connected({ era });
    m.lose = (s) => s.from === 'a';
    const page = m.page();
    m.lend(page, 0, 1000);
    const first = m.sk.rto;
    expect(first).toBeGreaterThanOrEqual(200_000);
    expect(first).toBeLessThan(210_000); // the round trip takes 1 ms on this clock
    m.run(3_000_000_000 / 2);
    const at = m.data.map((s) => s.tick);
    const gaps = at.slice(1).map((tick, i) => tick - at[i]!);
    expect(gaps).toEqual(gaps.map((_, i) => Math.min(first * 2 ** i, 120_000_000)));
    expect([gaps.length, m.app.isGone, P(page)]).toEqual([15, true, 0]);
    expect([m.sk.wmemQueued, inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('closes the window to one, and slow start begins again', () => {
    const m = connected({ cwnd: 20 });
    for (let i = 0; i < 6; i++) m.lend(m.page(), 0, MSS);
    m.drain();
    m.fireRto();
    expect([m.sk.cwnd, m.sk.ssthresh, m.sk.caState]).toEqual([1, 3, CaState.LOSS]);
    expect([m.sk.lostOut, m.ring.length]).toEqual([6, 1]);
    m.run();
    expect([m.peer.received, m.accounts()]).toEqual([bytesOfEach(m, MSS), SETTLED]);
  });

  test('is measured by the echo of the oldest segment that an ACK answers', () => {
    const m = settled();
    const { srtt } = m.sk;
    m.lend(m.page(), 0, MSS);
    m.wait(25_000); // the first one waits for the second
    m.lend(m.page(), 0, MSS);
    m.run();
    const [first, second] = m.data;
    expect(second!.tsVal - first!.tsVal).toBe(25);
    expect(m.acks.map((s) => [s.ack, s.tsEcr])).toEqual([[101 + 2 * MSS, first!.tsVal]]);
    expect(m.sk.srtt).toBe(srtt + 3000); // an eighth of 25 ms - srtt
  });
});

/** The first `size` bytes of each page of the producer. */
function bytesOfEach(m: Machine, size: number): Buffer {
  return Buffer.concat(m.owned.map((p) => m.k.mem.subarray(p.address, p.address + size)));
}

test('copied bytes that end with a page begin a new packet when all slots are taken', () => {
  const m = connected();
  m.sk.driven = true; // nothing leaves by itself
  const { maxSkbFrags } = m.k.era;
  const scratch = m.page();
  tcpSendmsg(m.sk, scratch.address, 4000);
  for (let i = 2; i < maxSkbFrags; i++) tcpSendpage(m.sk, m.page(), 0, 100, null);
  tcpSendmsg(m.sk, scratch.address, 96); // the last slot, and the last bytes of the socket's page
  const [skb] = m.queue;
  expect([m.queue.length, skb!.shinfo.nrFrags, m.sk.sndmsgOff]).toEqual([1, maxSkbFrags, 4096]);
  tcpSendmsg(m.sk, scratch.address, 10);
  expect([m.queue.length, skb!.shinfo.nrFrags]).toEqual([2, maxSkbFrags]);
});

describe('losses', () => {
  test('three SACKed packets mean that the one in front is lost, two do not', () => {
    const m = connected();
    for (let i = 0; i < 5; i++) m.lend(m.page(), 0, MSS);
    m.drain();
    const block = (n: number): [number, number] => [1 + MSS, 1 + (1 + n) * MSS];
    m.fromPeer({ ack: 1, sacks: [block(1)] });
    m.fromPeer({ ack: 1, sacks: [block(2)] });
    expect([m.sk.caState, m.sk.sackedOut, m.ring.length]).toEqual([CaState.DISORDER, 2, 0]);
    m.fromPeer({ ack: 1, sacks: [block(3)] });
    expect([m.sk.caState, m.sk.lostOut, m.ring.length]).toEqual([CaState.RECOVERY, 1, 1]);
    expect([m.sk.ssthresh, m.sk.retransOut]).toEqual([32, 1]);
  });

  test.each(eras)('a hole is filled without waiting for the timer (%s)', (era) => {
    const m = connected({ era });
    loseFirst(m, (s) => s.seq === 1 + MSS);
    m.lendTogether([m.page(), m.page(), m.page(), m.page()]);
    m.run();
    expect([m.sk.timeouts, m.sk.retransmits, m.peer.received]).toEqual([0, 1, bytesOf(m)]);
    expect(m.data.filter((s) => s.seq === 1 + MSS)).toHaveLength(2);
    const blocks = m.acks.flatMap((s) => s.sacks);
    expect(blocks.slice(0, 3)).toEqual([3, 4, 5].map((n) => [1 + 2 * MSS, 1 + n * MSS])); // it grows
    expect([m.accounts(), inUse(m.k)]).toEqual([SETTLED, NOTHING]);
  });

  test.each(eras)('SACK frees nothing: the receiver may still forget (%s)', (era) => {
    const m = connected({ era });
    for (let i = 0; i < 4; i++) m.lend(m.page(), 0, MSS);
    m.drain();
    m.fromPeer({ ack: 1, sacks: [[1 + MSS, 1 + 4 * MSS]] });
    expect([m.sk.sackedOut, m.owned.map(P)]).toEqual([3, [1, 1, 1, 1]]);
    m.run(1000);
    m.fromPeer({ ack: 1 + 4 * MSS });
    m.run();
    expect([m.owned.map(P), m.accounts()]).toEqual([[0, 0, 0, 0], SETTLED]);
  });

  test('a partial ACK of a large packet trims it, and the send buffer is credited', () => {
    const m = connected();
    const pages = [m.page(), m.page(), m.page()];
    m.lendTogether(pages);
    const [O] = m.queue;
    m.drain();
    const { wmemQueued } = m.sk;
    m.fromPeer({ ack: 1 + 6 * MSS });
    expect([O!.seq, O!.len, O!.pcount]).toEqual([m.seqOf(1 + 6 * MSS), 12288 - 6 * MSS, 3]);
    expect([pages.map(P), wmemQueued - m.sk.wmemQueued]).toEqual([[0, 0, 1], 6 * MSS]);
    m.fromPeer({ ack: 1 + 12288 });
    expect(m.accounts()).toEqual(SETTLED);
  });

  test('what comes out of order waits, and is reported, the newest block first', () => {
    const m = connected();
    const lost = new Set([1, 1 + 2 * MSS, 1 + 4 * MSS]);
    m.lose = (s) => s.from === 'a' && lost.has(s.seq);
    m.lend(m.page(), 0, MSS); // each a packet of its own
    for (let i = 1; i < 6; i++) m.lend(m.page(), 0, MSS);
    m.run(5000);
    const at = (i: number): [number, number] => [1 + i * MSS, 1 + (i + 1) * MSS];
    const seen = m.acks.filter((s) => s.sacks.length > 0);
    expect(seen.slice(0, 3).map((s) => [s.ack, s.sacks])).toEqual([
      [1, [at(1)]],
      [1, [at(3), at(1)]],
      [1, [at(5), at(3), at(1)]],
    ]);
    expect([m.peer.received.length, m.peerSk.outOfOrder.qlen]).toEqual([0, 3]);
    m.lose = () => false;
    m.run();
    expect([m.peer.received, m.accounts(m.peerSk)]).toEqual([bytesOfEach(m, MSS), SETTLED]);
  });

  test('a retransmission that reaches over what has arrived is taken from there on', () => {
    const m = connected({ features: NO_OFFLOAD, eager: false });
    m.lose = (s) => s.from === 'b' || s.seq === 101; // the first arrives, but no ACK comes back
    const bytes = noise(300);
    m.send(bytes.subarray(0, 100));
    m.send(bytes.subarray(100));
    m.run(10_000);
    m.lose = () => false;
    m.run();
    expect(m.data.map((s) => [s.seq, s.payload])).toEqual([
      [1, 100],
      [101, 200],
      [1, 300],
    ]);
    while (m.peer.read(7) > 0);
    expect(m.peer.received).toEqual(bytes);
    expect([m.accounts(m.peerSk), inUse(m.k)]).toEqual([SETTLED, NOTHING]);
  });

  test('every packet comes twice, every byte once', () => {
    const m = connected();
    let packets = 0;
    m.fate = () => (packets++ < 200 && packets % 2 === 0 ? LinkVerb.DUPLICATE : LinkVerb.DELIVER);
    m.lendTogether([m.page(), m.page(), m.page(), m.page()]);
    m.run();
    expect(m.wire.duplicated).toBeGreaterThan(5);
    expect([m.peer.received, m.accounts(), inUse(m.k)]).toEqual([bytesOf(m), SETTLED, NOTHING]);
  });

  test('sequence numbers pass 2^32 in the middle of a hole', () => {
    const m = connected();
    m.moveIss(-3 * MSS);
    loseFirst(m, (s) => s.seq === 1 + 2 * MSS);
    for (let i = 0; i < 8; i++) m.lend(m.page(), 0, MSS);
    expect([m.sk.sndUna < 0, m.sk.sndNxt > 0]).toEqual([true, true]);
    m.run();
    expect([m.sk.timeouts, m.sk.retransmits]).toEqual([0, 1]);
    expect([m.peer.received, m.accounts()]).toEqual([bytesOfEach(m, MSS), SETTLED]);
  });
});

describe('acknowledging', () => {
  test('one segment is acknowledged after 40 ms, a second one at once', () => {
    const m = settled();
    m.lend(m.page(), 0, MSS);
    m.run();
    expect(m.acks[0]!.tick - m.data[0]!.tick).toBeGreaterThanOrEqual(40_000);
    expect(m.acks[0]!.tick - m.data[0]!.tick).toBeLessThan(41_000);
    m.peer.eager = false; // reading makes ACKs, too
    m.lend(m.page(), 0, MSS);
    m.lend(m.page(), 0, MSS);
    m.run();
    expect(m.acks).toHaveLength(2);
    expect(m.acks[1]!.tick - m.data[2]!.tick).toBeLessThan(1000);
  });

  test('the first sixteen are acknowledged at once', () => {
    const m = connected();
    let atOnce = 0;
    do {
      m.lend(m.page(), 0, 100);
      m.wait(1000);
    } while (!m.peerSk.ackPending && ++atOnce < 100);
    expect(atOnce).toBe(15); // the SYN|ACK was one of them
    m.run();
    expect(m.peerSk.ackPending).toBe(false);
  });
});

describe('the receive window', () => {
  function full(): Machine {
    const m = connected({ rcvbuf: 20_000, eager: false });
    m.lendTogether(Array.from({ length: 12 }, () => m.page()));
    m.run(100_000);
    return m;
  }

  test('closes when nobody reads, and what is sent stays inside it', () => {
    const m = full();
    const edges = m.acks.map((s) => s.ack + (s.window << 7));
    expect(edges).toEqual([...edges].sort((a, b) => a - b)); // what was promised is not taken back
    expect(m.log.at(-1)!.window << 7).toBeLessThan(MSS);
    expect(m.peerSk.rcvQueued).toBeLessThanOrEqual(20_000 + MSS);
    expect([m.sk.packetsOut, m.queue.length > 0]).toEqual([0, true]);
  });

  test('is asked for by probes, further and further apart', () => {
    const m = full();
    const { rto } = m.sk;
    const before = m.log.length;
    m.run(20 * rto);
    const probes = m.log.slice(before).filter((s) => s.from === 'a');
    const gaps = probes.slice(1).map((s, i) => s.tick - probes[i]!.tick);
    expect([probes.length > 2, probes.every((s) => s.payload === 0)]).toEqual([true, true]);
    expect(gaps.map((gap) => Math.round(gap / rto))).toEqual(gaps.map((_, i) => 2 ** (i + 1)));
    expect(m.sk.rto).toBe(rto); // a probe measures nothing
  });

  test('reopens by a probe when the update that said so was lost', () => {
    const m = full();
    loseFirst(m, (s) => s.from === 'b');
    m.peer.eager = true;
    m.peer.read();
    const { rto } = m.sk;
    m.run(4 * rto, () => m.sk.packetsOut > 0);
    expect(m.k.agenda.due[m.sk.rtoTimer.place]! - m.k.agenda.now).toBe(rto); // not the probe's time
    m.run();
    expect([m.sk.timeouts, m.peer.received]).toEqual([0, bytesOf(m)]);
    expect([m.accounts(), m.accounts(m.peerSk), inUse(m.k)]).toEqual([SETTLED, SETTLED, NOTHING]);
  });

  test('reopens by itself when the reader takes half of it', () => {
    const m = full();
    const before = m.acks.length;
    m.k.side = m.peerSk.side;
    m.peer.read(1000);
    expect(m.acks.length).toBe(before);
    m.peer.read(10_000);
    m.run(1000);
    expect(m.acks.length).toBeGreaterThan(before);
    expect(m.acks[before]!.window).toBeGreaterThan(0);
  });

  test('an older segment does not take back what a newer one offered', () => {
    const m = connected();
    m.fromPeer({ ack: 1, window: 1 << 20 });
    m.fromPeer({ ack: 1, window: 4096 }); // same numbers, smaller: it was overtaken
    expect(m.sk.sndWnd).toBe(1 << 20);
    m.lend(m.page(), 0, 100);
    m.fromPeer({ ack: 101, window: 4096 });
    expect(m.sk.sndWnd).toBe(4096);
  });

  test('a full send buffer makes a short send, and its room is announced once a third is free', () => {
    const m = connected();
    m.sk.sndbuf = 65536;
    m.nicA.stall();
    const taken = Array.from({ length: 20 }, () => m.lend(m.page()));
    expect([taken[0], taken.at(-1), m.app.spaces]).toEqual([4096, 0, 0]);
    m.nicA.resume();
    m.run(1_000_000_000, () => m.app.spaces > 0);
    expect(m.sk.wmemQueued).toBeLessThanOrEqual(43690);
    m.run();
    expect([m.app.spaces, m.accounts()]).toEqual([1, SETTLED]);
    expect(m.peer.received).toEqual(bytesOf(m).subarray(0, taken.indexOf(0) * 4096));
  });
});

describe('closing', () => {
  const states = (m: Machine): number[] => [m.sk.state, m.peerSk.state];

  test.each(eras)('FIN both ways: what was lent is delivered, and nothing is left (%s)', (era) => {
    const m = connected({ era });
    m.lendTogether([m.page(), m.page()]);
    m.send(noise(100));
    tcpShutdown(m.sk);
    expect(m.sk.state).toBe(TcpState.FIN_WAIT1);
    m.run();
    expect(states(m)).toEqual([TcpState.FIN_WAIT2, TcpState.CLOSE_WAIT]);
    m.send(noise(50), m.peerSk); // the other direction still works
    m.run();
    tcpShutdown(m.peerSk);
    m.run();
    expect(states(m)).toEqual([TcpState.TIME_WAIT, TcpState.CLOSED]);
    expect(m.peer.received).toEqual(Buffer.concat([bytesOf(m), noise(100)]));
    expect([m.app.received, m.owned.map(P)]).toEqual([noise(50), [0, 0]]);
    expect([m.accounts(), m.accounts(m.peerSk), inUse(m.k)]).toEqual([SETTLED, SETTLED, NOTHING]);
    expect(m.k.pages.used).toBe(2); // the sockets' own pages are gone, too
  });

  test('both close at once', () => {
    const m = connected();
    tcpShutdown(m.sk);
    tcpShutdown(m.peerSk);
    m.run();
    expect([states(m), inUse(m.k)]).toEqual([[TcpState.CLOSED, TcpState.CLOSED], NOTHING]);
  });

  test('a FIN that overtakes data is kept, and counts when the hole is filled', () => {
    const m = connected();
    loseFirst(m, (s) => s.seq === 1);
    for (let i = 0; i < 4; i++) m.lend(m.page(), 0, MSS);
    tcpShutdown(m.sk);
    m.run();
    expect([m.sk.timeouts, m.sk.retransmits, states(m)]).toEqual([
      0,
      1,
      [TcpState.FIN_WAIT2, TcpState.CLOSE_WAIT],
    ]);
    expect([m.peer.received, m.accounts()]).toEqual([bytesOfEach(m, MSS), SETTLED]);
    expect(m.accounts(m.peerSk)).toEqual(SETTLED);
  });

  test('a lost FIN goes again', () => {
    const m = connected();
    loseFirst(m, (s) => (s.flags & FIN) !== 0);
    tcpShutdown(m.sk);
    m.run();
    expect([m.sk.timeouts, states(m)]).toEqual([1, [TcpState.FIN_WAIT2, TcpState.CLOSE_WAIT]]);
  });

  test('a reader that comes after the FIN still gets everything', () => {
    const m = connected({ eager: false });
    m.lend(m.page());
    tcpShutdown(m.sk);
    m.run();
    expect([m.peerSk.finReceived, m.peer.received.length]).toEqual([true, 0]);
    expect([m.peer.read(4096), m.peer.read(1)]).toEqual([4096, 0]);
    expect([m.peer.received, m.peerSk.receiveQueue.qlen]).toEqual([bytesOf(m), 0]);
  });
});

describe('checksums in software', () => {
  /** Sums pseudo header, TCP header and payload of a linear packet, checksum field included. */
  function sum(m: Machine, at: number, len: number): number {
    const { mem } = m.k;
    const pseudo = checksumAdd(mem, at + 12, 8, 6 + len - 20);
    return checksumFold(checksumAdd(mem, at + 20, len - 20, pseudo));
  }

  test.each([1, 2, 999, 1000, MSS])('of %i bytes are right on the wire', (size) => {
    const m = connected({ features: { csum: false }, route: { sg: true, gso: false } });
    m.lend(m.page(), 3, size);
    const [K1] = m.ring;
    expect([K1!.shinfo.nrFrags, K1!.ipSummed]).toEqual([1, 0]); // not linearised, summed over the page
    const sums: number[] = [];
    m.lose = (s) => {
      if (s.from === 'a' && s.payload > 0) sums.push(s.payload);
      return false;
    };
    m.nicB.receiver = {
      receive: (skb) => {
        expect(m.k.mem[skb.data + 36]! | m.k.mem[skb.data + 37]!).not.toBe(0);
        sums.push(sum(m, skb.data, skb.len));
        m.b.receive(skb, m.nicB);
      },
    };
    m.run();
    expect([sums, m.b.checksumErrors, m.peer.received.length]).toEqual([[0], 0, size]);
  });

  test('of pieces with odd sizes are right, too', () => {
    const m = connected({ features: { csum: false }, route: { sg: true, gso: false } });
    m.sk.driven = true;
    for (const size of [3, 500, 77]) m.lend(m.page(), 5, size);
    m.sk.driven = false;
    m.lend(m.page(), 0, 1);
    m.run();
    expect([m.data.map((s) => s.payload), m.b.checksumErrors, m.sk.timeouts]).toEqual([
      [581],
      0,
      0,
    ]);
  });

  test('a page that changes between checksum and DMA: dropped there, and sent again as it is now', () => {
    const m = connected({ features: { csum: false }, route: { sg: true, gso: false } });
    const page = m.page();
    m.lend(page, 0, 1000);
    m.k.mem[page.address + 500]! ^= 0xff;
    m.run();
    expect([m.b.checksumErrors, m.sk.timeouts, m.sk.retransmits]).toEqual([1, 1, 1]);
    expect(m.peer.received).toEqual(bytesOfEach(m, 1000));
  });

  test('a device that sums while it reads hides the change', () => {
    const m = connected();
    const page = m.page();
    m.lend(page, 0, 1000);
    m.k.mem[page.address + 500]! ^= 0xff;
    m.run();
    expect([m.b.checksumErrors, m.peer.received]).toEqual([0, bytesOfEach(m, 1000)]);
  });
});

test('a tap at the receiver sees the payload, and not the headers in front of it', () => {
  const seen: [number, number][] = [];
  const probe: Probe = new NoProbe();
  probe.read = (reader, _flow, seq, size) => {
    if (reader === Reader.TAP && size > 0) seen.push([seq, size]);
  };
  const m = connected({ probe });
  m.nicB.taps.push(new PacketSock(m.k, 'tcpdump', 10));
  m.lend(m.page(), 0, 2000);
  m.run();
  expect(seen).toEqual([
    [m.seqOf(1), MSS],
    [m.seqOf(1 + MSS), 2000 - MSS],
  ]);
});

test('a route without scatter/gather sends one segment per packet, even if it could be larger', () => {
  const m = connected({ features: { csum: false }, route: { sg: false, gso: true } });
  m.send(noise(3 * MSS));
  expect(m.queue.map((skb) => [skb.len, skb.dataLen])).toEqual([
    [MSS, 0],
    [MSS, 0],
    [4096 - 2 * MSS, 0],
    [3 * MSS - 4096, 0], // of the second send()
  ]);
  m.run();
  expect(m.peer.received).toEqual(noise(3 * MSS));
});

describe('whatever the wire does', () => {
  const setups: readonly [string, Setup][] = [
    ['TSO', {}],
    ['software GSO', { features: { tso: false }, ringSize: 16 }],
    ['no offload', { features: NO_OFFLOAD, route: { sg: true, gso: false } }],
    ['a copying route', { features: NO_OFFLOAD }],
  ];
  const sends = fc.array(
    fc.record({ lent: fc.boolean(), size: fc.integer({ min: 1, max: PAGE_SIZE }) }),
    { minLength: 1, maxLength: 12 },
  );
  const fates = fc.array(fc.constantFrom(0, 0, 0, ...Object.values(LinkVerb)), { maxLength: 80 });

  describe.each(setups)('%s', (_, setup) => {
    test.each(eras)('%s: all bytes arrive in order, and all accounts end at zero', (era) => {
      fc.assert(
        fc.property(sends, fates, fc.boolean(), (parts, verbs, eager) => {
          const m = connected({ ...setup, era, cwnd: 4, eager, frames: 128 });
          const wanted: Buffer[] = [];
          let next = 0;
          m.fate = () => verbs[next++] ?? LinkVerb.DELIVER;
          for (const { lent, size } of parts) {
            const page = m.page();
            const bytes = m.k.mem.slice(page.address, page.address + size);
            wanted.push(Buffer.from(bytes));
            expect(lent ? m.lend(page, 0, size) : m.send(bytes)).toBe(size);
            m.run(500);
          }
          tcpShutdown(m.sk);
          m.run();
          m.k.side = m.peerSk.side;
          m.peer.read();
          tcpShutdown(m.peerSk);
          m.run();
          expect(m.peer.received.equals(Buffer.concat(wanted))).toBe(true);
          expect(m.sk.state).toBe(TcpState.TIME_WAIT);
          expect([m.accounts(), m.accounts(m.peerSk)]).toEqual([SETTLED, SETTLED]);
          expect([inUse(m.k), m.owned.map(P)]).toEqual([NOTHING, m.owned.map(() => 0)]);
          expect(m.k.pages.used).toBe(m.owned.length);
        }),
        { numRuns: 30, seed: 20130125 },
      );
    });
  });
});
