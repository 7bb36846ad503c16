// What TCP does, seen on the wire and in its accounts: handshake, timers, acknowledgements, closing.
import { describe, expect, test } from 'vitest';
import {
  CaState,
  ERAS,
  NoProbe,
  PacketSock,
  Reader,
  TcpFlag,
  TcpState,
  tcpSendmsg,
  tcpSendpage,
  tcpShutdown,
  type Probe,
} from '../src/index.ts';
import { MSS, Machine, NOTHING, P, SETTLED, connected, inUse, settled } from './machine.ts';
import { bytesOf, bytesOfEach, loseFirst, noise } from './streams.ts';

const eras = ERAS.map((era) => era.id);
const { SYN, ACK, FIN, RST } = TcpFlag;

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
