// What TCP may have below it (TCP small queues, 3.6 on), and what the freeing of a packet starts.
import { describe, expect, test } from 'vitest';
import { ERAS, fragAt, type SkBuff } from '../src/index.ts';
import { retransmitQueue } from '../src/net/ipv4/tcp_ack.ts';
import { D, MSS, SETTLED, connected, type Machine, type Setup } from './machine.ts';

const KIB = 1024;
const since = (tree: string): string[] => {
  const at = ERAS.findIndex((era) => era.id === tree);
  return ERAS.slice(at).map((era) => era.id);
};
const before = ERAS.filter((era) => !since('3.8').includes(era.id)).map((era) => era.id);

/** A device that reads nothing, a window of 600 packets, and 512 KiB that want to go: what is below TCP then. */
function flooded(setup: Setup): Machine {
  const m = connected({ cwnd: 600, frames: 1024, ringSize: 1024, ...setup });
  m.lend(m.page());
  m.run(); // the peer says its window
  m.lendTogether(Array.from({ length: 128 }, () => m.page()));
  return m;
}

/** The device reads and gives back what its ring has. */
function drain(m: Machine, packets: number): void {
  for (let i = 0; i < packets; i++) m.take('dma nic a');
  m.take('txdone nic a');
}

/** The tasklet of the sender, if it has something to do. */
function isScheduled(m: Machine): boolean {
  return m.sk.tsq !== null && m.k.agenda.isArmed(m.sk.tsq.place);
}

test.each(before)('%s: all that the window allows is below', (era) => {
  const m = flooded({ era });
  expect(m.sk.sendHead === null).toBe(true);
  expect(m.sk.tsq === null).toBe(true);
});

test.each(since('3.8'))('%s: far away, the rest waits in the write queue', (era) => {
  const m = flooded({ era, delayTicks: 50_000 });
  expect(m.sk.sendHead === null).toBe(false);
  expect(m.sk.throttled).toBe(true);
  expect(isScheduled(m)).toBe(false); // nobody has freed anything
});

test('3.8: 128 KiB are enough, however large the packets are', () => {
  for (const tso of [true, false]) {
    const m = flooded({ era: '3.8', features: { tso, gso: tso } });
    const last = m.ring.at(-1)!;
    expect(m.sk.wmemAlloc).toBeGreaterThanOrEqual(128 * KIB);
    expect(m.sk.wmemAlloc - last.truesize).toBeLessThan(128 * KIB);
  }
});

describe('7.2.13: two packets, or what leaves in a millisecond', () => {
  test('far away, two large packets are below, and a third one, as the limit is asked before each', () => {
    const m = flooded({ era: '7.2.13', delayTicks: 50_000 });
    expect(m.ring.length).toBe(3);
  });

  test('nearby, there is more', () => {
    const m = flooded({ era: '7.2.13', delayTicks: 500 });
    expect(m.ring.length).toBeGreaterThan(3);
  });
});

test('a packet that is freed sends on, from the tasklet, and all of it arrives', () => {
  const m = flooded({ era: '3.8' });
  const waits = m.sk.sendHead!;
  drain(m, 1);
  expect(isScheduled(m)).toBe(true);
  expect(m.sk.sendHead === waits).toBe(true); // not in the context of whoever freed it
  m.take('tsq client');
  expect(m.sk.sendHead === waits).toBe(false);
  m.run();
  expect(m.peer.received.length).toBe(516 * KIB);
  expect(m.accounts()).toEqual(SETTLED);
});

test('a socket that is not held back hears nothing when a packet is freed', () => {
  const m = connected({ era: '3.8' });
  m.lend(m.page());
  drain(m, m.ring.length);
  expect(isScheduled(m)).toBe(false);
});

test('a connection that ended in between sends nothing', () => {
  const m = flooded({ era: '3.8' });
  m.app.keeps = true;
  drain(m, 1);
  m.sk.stack.forget(m.sk);
  m.sk.state = 0; // TCP_CLOSE
  const below = m.ring.length;
  m.take('tsq client');
  expect(m.ring.length).toBe(below);
});

describe('retransmissions ask as well, and may have twice as much', () => {
  /** Everything is lost, the timer has sent the first packet again, and `below` bytes do not come back. */
  function sentAgain(era: string, below: number): number {
    const m = flooded({ era, delayTicks: 50_000 });
    drain(m, m.ring.length);
    m.fireRto();
    drain(m, m.ring.length);
    const already = m.sk.retransmits;
    m.sk.cwnd = 100;
    m.sk.wmemAlloc = below;
    retransmitQueue(m.sk);
    return m.sk.retransmits - already;
  }

  test.each([
    ['3.18', 300, true],
    ['7.2.13', 200, true],
    ['7.2.13', 300, false],
  ] as const)('%s, %d KiB below: %s', (era, below, goesOn) => {
    expect(sentAgain(era, below * KIB) > 0).toBe(goesOn);
  });
});

describe('segments of a packet that the kernel cuts', () => {
  const cut = { features: { tso: false, gso: true } };
  /** What of one lent page is in the ring, cut into three. */
  function segments(era: string): { m: Machine; ring: SkBuff[] } {
    const m = connected({ era, ...cut });
    m.lend(m.page());
    const { ring } = m;
    expect(ring.map((s) => fragAt(s.shinfo, 0).size)).toEqual([MSS, MSS, 4096 - 2 * MSS]);
    return { m, ring };
  }

  test.each([
    ['3.8', 1],
    ['3.18', 0],
  ])('%s: of one that the ring has no room for, the packet itself is held: %d', (era, held) => {
    const m = connected({ era, ...cut, ringSize: 2 });
    m.lend(m.page());
    const [queued] = m.queue;
    expect([m.ring.length, D(queued!)[0]]).toEqual([3, 1 + held]);
    for (let i = 0; i < 2; i++) m.dma();
    m.txDone();
    expect([m.ring.length, D(queued!)[0]]).toEqual([1, 1]);
  });

  test('3.8: they belong to nobody, and the charge ends with the packet', () => {
    const { m, ring } = segments('3.8');
    expect(ring.map((s) => s.sk)).toEqual([null, null, null]);
    expect(m.sk.wmemAlloc).toBe(0);
  });

  test.each(since('3.18'))('%s: they are charged in its place, until the last has left', (era) => {
    const { m, ring } = segments(era);
    expect(ring.map((s) => s.sk)).toEqual([m.sk, m.sk, m.sk]);
    expect(m.sk.wmemAlloc).toBe(ring.reduce((sum, s) => sum + s.truesize, 0));
    const last = ring[2]!.truesize;
    drain(m, 2);
    expect(m.sk.wmemAlloc).toBe(last);
    drain(m, 1);
    expect(m.sk.wmemAlloc).toBe(0);
  });
});
