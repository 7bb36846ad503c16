// How much TCP may send, by what the other end takes and by its own buffer; who asks when nothing is said.
import { describe, expect, test } from 'vitest';
import { eraOf, initialWindow } from '../src/index.ts';
import { growWindow, selectWindow, windowOffered } from '../src/net/ipv4/tcp_window.ts';
import {
  Loop,
  MSS,
  Machine,
  NOTHING,
  SETTLED,
  connected,
  inUse,
  newPage,
  settled,
} from './machine.ts';
import { bytesOf, loseFirst } from './streams.ts';

describe('the window of a new connection', () => {
  const fresh = (era: string): Machine => connected({ era, eager: false, fresh: true, cwnd: 1000 });
  const offered = (m: Machine): number[] => m.acks.map((s) => s.ack + (s.window << 7));

  test.each([
    ['2.6.24', 4 * 1460],
    ['2.6.32', 4 * 1460],
    ['2.6.38', 10 * 1460],
    ['3.8', 10 * 1460],
    ['3.18', 20 * 1460],
    ['4.14', 20 * 1460],
    ['5.10.223', 44 * 1460],
    ['7.2.13', 44 * 1460],
  ])('is in %s what its SYN says: %i bytes', (era, bytes) => {
    const m = new Machine({ era, fresh: true }).dial();
    m.run();
    expect(m.log.map((s) => [s.from, s.window]).slice(0, 2)).toEqual([
      ['a', bytes],
      ['b', bytes],
    ]);
  });

  test.each([
    ['2.6.24', 2],
    ['3.8', 2],
    ['5.10.223', 3],
  ])('is in %s a few of the large segments of loopback: %i', (era, segments) => {
    expect(initialWindow(eraOf(era)!, 16_396)).toBe(segments * 16_396);
  });

  test('is three segments of somewhat more than Ethernet, before it was ten of them', () => {
    const window = (era: string): number => initialWindow(eraOf(era)!, 4000);
    expect([window('2.6.24'), window('3.8'), window('3.18')]).toEqual([12_000, 12_000, 28_000]);
  });

  test('grows by two segments for each that comes, whether or not anybody reads', () => {
    const windows = [false, true].map((eager) => {
      const m = fresh('3.8');
      m.peer.eager = eager;
      m.lendTogether(Array.from({ length: 4 }, () => m.page()));
      m.run();
      return offered(m);
    });
    expect(windows[0]).toEqual(windows[1]);
    const [first, ...more] = windows[0]!;
    expect(more.length).toBeGreaterThan(3);
    let before = first!;
    for (const edge of more) {
      expect(edge - before).toBeGreaterThan(2 * MSS);
      before = edge;
    }
  });

  test.each([
    ['3.2', 2 * 1460],
    ['3.8', 2 * 16_384],
  ])('grows in %s by %i bytes for a packet that stands for eleven segments', (era, bytes) => {
    const { peerSk } = connected({ era, eager: false, fresh: true });
    const before = peerSk.rcvSsthresh;
    growWindow(peerSk, 16_384);
    expect(peerSk.rcvSsthresh - before).toBe(bytes);
  });

  test('is all that is free, once that is less', () => {
    const m = connected({ rcvbuf: 20_000, eager: false, fresh: true });
    m.lendTogether(Array.from({ length: 12 }, () => m.page()));
    m.run(100_000);
    expect(m.peerSk.rcvSsthresh).toBeGreaterThan(20_000 - m.peerSk.rcvQueued);
    expect(m.acks.at(-1)!.window << 7).toBeLessThan(MSS);
  });
});

describe('half of the largest window that a peer has offered', () => {
  test.each([
    ['2.6.24', 5840],
    ['3.8', 14_600],
    ['5.10.223', 64_240],
  ])('bounds in %s the packets of a new connection, which was offered %i bytes', (era, bytes) => {
    const m = connected({ era, fresh: true });
    m.lendTogether(Array.from({ length: 16 }, () => m.page()));
    const half = Math.floor(bytes / 2 / MSS) * MSS; // whole segments
    expect([m.sk.maxWindow, m.queue[0]!.len]).toEqual([bytes, half]);
    m.run();
    m.lendTogether(Array.from({ length: 16 }, () => m.page()));
    expect(m.queue[0]!.len).toBeGreaterThan(half); // more was offered meanwhile
  });

  test('bounds a segment too, where a device takes long ones, until more is offered', () => {
    const m = new Loop({ era: '3.8', eager: true, fresh: true });
    expect([m.sk.mssClamp, m.sk.maxWindow, m.sk.mss]).toEqual([65_483, 65_535, 32_767]);
    m.lendTogether(Array.from({ length: 16 }, () => newPage(m.k)));
    m.run();
    expect([m.sk.maxWindow > 2 * 65_483, m.sk.mss]).toEqual([true, 65_483]);
    expect(m.peer.received).toHaveLength(16 * 4096);
  });

  test('is never less than it was: a smaller window takes nothing back', () => {
    const { sk } = connected({ era: '3.8', fresh: true });
    windowOffered(sk, 20_000);
    windowOffered(sk, 3000);
    expect([sk.sndWnd, sk.maxWindow]).toEqual([3000, 20_000]);
  });
});

test('a receiver takes segments to be as long as the longest that came: two small ones are acknowledged at once', () => {
  const m = settled({ eager: false });
  const pending = (bytes: number): number[] => {
    m.send(new Uint8Array(bytes));
    m.run(10_000); // before an ACK is due for being late
    return [m.peerSk.rcvMss, (m.peerSk.rcvNxt - m.peerSk.rcvWup) | 0];
  };
  expect([pending(400), pending(400)]).toEqual([
    [536, 400],
    [536, 0],
  ]);
  expect([pending(1000), pending(400)]).toEqual([
    [1000, 1000],
    [1000, 0],
  ]);
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

  test('is shut from 3.15 on when a sixteenth of the buffer is free, and before, when that is less than a segment', () => {
    const offered = (era: string, free: number): number => {
      const { peerSk } = connected({ era, rcvbuf: 40_000, eager: false });
      peerSk.rcvMss = MSS;
      peerSk.rcvQueued = peerSk.rcvbuf - free;
      return selectWindow(peerSk);
    };
    expect([offered('3.8', 2000), offered('3.18', 2000)]).toEqual([1920, 0]);
    expect([offered('3.8', 1400), offered('3.18', 3000)]).toEqual([0, 2944]);
  });

  test('is asked for by probes, further and further apart', () => {
    const m = full();
    const { rto } = m.sk;
    const before = m.log.length;
    m.run(20 * rto);
    const [piece, ...probes] = m.log.slice(before).filter((s) => s.from === 'a');
    expect(piece!.payload).toBeGreaterThan(0); // less than a segment still fitted
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
