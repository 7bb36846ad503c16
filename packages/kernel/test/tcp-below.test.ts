// What TCP takes for sent when the host itself stands in the way: a qdisc that drops, a clone that has not left, ACKs below.
import { describe, expect, test } from 'vitest';
import { ERAS, PURE_ACK_TRUESIZE, Sacked, sendAck } from '../src/index.ts';
import {
  MSS,
  NOTHING,
  SETTLED,
  connected,
  inUse,
  waiting,
  type Machine,
  type Setup,
} from './machine.ts';
import { bytesOf } from './streams.ts';

const eras = ERAS.map((era) => era.id);
const split = (tree: string): [before: string[], since: string[]] => {
  const at = eras.indexOf(tree);
  return [eras.slice(0, at), eras.slice(at)];
};
const RESOURCE_PROBE = 500_000;

/** Microseconds until the retransmission timer of the sender is due. */
const dueIn = ({ k, sk }: Machine): number => k.agenda.due[sk.rtoTimer.place]! - k.agenda.now;

describe('a packet that the qdisc drops', () => {
  test.each(eras)(
    'was not sent: it stays at the head, and the probe timer sends it (%s)',
    (era) => {
      const m = connected({ era });
      m.nicA.qdiscLimit = 0;
      const { sndNxt } = m.sk;
      m.lend(m.page(), 0, MSS);
      expect([m.nicA.drops, m.sk.packetsOut, m.sk.sndNxt]).toEqual([1, 0, sndNxt]);
      expect(m.sk.sendHead).toBe(m.queue[0]);
      m.nicA.qdiscLimit = 1000;
      m.fireRto();
      expect([m.sk.packetsOut, m.sk.sendHead, m.sk.timeouts]).toEqual([1, null, 0]);
      m.run();
      expect(m.peer.received).toEqual(bytesOf(m).subarray(0, MSS));
      expect([m.sk.retransmits, m.accounts(), inUse(m.k)]).toEqual([0, SETTLED, NOTHING]);
    },
  );

  test('is dropped again: the next attempt comes soon, and not further and further apart', () => {
    const m = connected();
    m.nicA.qdiscLimit = 0;
    m.lend(m.page(), 0, MSS);
    m.sk.rto = 400_000;
    const waits = Array.from({ length: 4 }, () => {
      m.fireRto();
      return dueIn(m);
    });
    expect(waits).toEqual([400_000, 400_000, 400_000, 400_000]);
    m.sk.rto = 3_000_000;
    m.fireRto();
    expect(dueIn(m)).toBe(RESOURCE_PROBE);
  });

  test('as it is sent again: neither counted as a retransmission nor backed off from', () => {
    const m = connected();
    m.lend(m.page(), 0, MSS);
    m.drain();
    m.nicA.qdiscLimit = 0;
    m.sk.rto = 3_000_000;
    m.fireRto();
    expect([m.sk.retransmits, m.sk.retransOut, m.sk.backoff, m.sk.rto]).toEqual([
      0, 0, 0, 3_000_000,
    ]);
    expect([dueIn(m), m.queue[0]!.sacked & Sacked.RETRANS]).toEqual([RESOURCE_PROBE, 0]);
    m.nicA.qdiscLimit = 1000;
    m.run();
    expect([m.peer.received, m.accounts()]).toEqual([bytesOf(m).subarray(0, MSS), SETTLED]);
  });
});

test('less than a segment fits in the window: the probe timer sends as much, and no byte more', () => {
  const m = connected();
  m.sk.sndWnd = 512; // all that the peer has room for
  m.lend(m.page(), 0, MSS);
  expect([m.sk.packetsOut, m.ring.length]).toEqual([0, 0]);
  m.fireRto();
  expect(m.ring.map((skb) => skb.len - skb.headers)).toEqual([512]);
  expect([m.sk.packetsOut, m.sk.sendHead!.len]).toEqual([1, MSS - 512]);
});

describe('a retransmission whose clone has not left the host', () => {
  const [before316] = split('3.18');
  const [, since61] = split('6.1.192');
  const waits = eras.filter((era) => !before316.includes(era) && !since61.includes(era));

  /** One packet in a ring that reads nothing, when the timer goes off. */
  function stuck(setup: Setup): Machine {
    const m = connected(setup);
    m.lend(m.page(), 0, MSS);
    m.fireRto();
    return m;
  }

  test.each(eras.filter((era) => !before316.includes(era)))(
    'waits, and the timer backs off (%s)',
    (era) => {
      const m = connected({ era });
      m.lend(m.page(), 0, MSS);
      const { rto } = m.sk;
      m.fireRto();
      expect([m.ring.length, m.sk.retransmits, m.sk.rto, dueIn(m)]).toEqual([
        1,
        0,
        2 * rto,
        2 * rto,
      ]);
    },
  );

  test.each(waits)('is sent when the timer goes off again (%s)', (era) => {
    const m = stuck({ era });
    m.dma();
    m.txDone();
    expect([m.sk.throttled, m.k.agenda.isArmed(m.sk.tsq!.place)]).toEqual([false, false]);
    m.fireRto();
    expect(m.sk.retransmits).toBe(1);
  });

  test.each(since61)('is sent when that is freed, by the tasklet (%s)', (era) => {
    const m = stuck({ era });
    m.dma();
    m.txDone();
    m.take('tsq client');
    expect([m.sk.retransmits, m.ring.length]).toEqual([1, 1]);
  });
});

describe('more is below TCP than it has queued', () => {
  test.each([
    ['5.10.223', 0],
    ['6.1.192', 1],
  ])('%s sends it again all the same: %d', (era, again) => {
    const m = connected({ era });
    m.lend(m.page(), 0, MSS);
    m.drain();
    m.sk.wmemAlloc = 8 * m.sk.wmemQueued;
    m.fireRto();
    expect(m.sk.retransmits).toBe(again);
  });
});

describe('an ACK without data', () => {
  const [before, since] = split('4.14');

  /** The sender says that it has heard something, while it is held back. */
  function acked(era: string): Machine {
    const m = connected({ era });
    sendAck(m.sk);
    m.sk.throttled = m.sk.tsq !== null;
    return m;
  }

  test.each(before)('counts as any packet does (%s)', (era) => {
    const m = acked(era);
    const [ack] = waiting(m.nicA);
    expect(ack!.truesize).toBeGreaterThan(256);
    expect(m.sk.wmemAlloc).toBe(ack!.sk === null ? 0 : ack!.truesize);
  });

  test.each(since)('counts for next to nothing, and sends nothing on (%s)', (era) => {
    const m = acked(era);
    expect(m.sk.wmemAlloc).toBe(PURE_ACK_TRUESIZE);
    m.dma();
    m.txDone();
    expect([m.sk.wmemAlloc, m.sk.throttled]).toEqual([0, true]);
    expect(m.k.agenda.isArmed(m.sk.tsq!.place)).toBe(false);
  });
});
