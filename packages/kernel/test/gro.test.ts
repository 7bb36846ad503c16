// A receiver with GRO: what it makes of the segments that come in a row, and what that does to the sender's queue.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinkVerb, PAGE_SIZE } from '../src/index.ts';
import { MSS, NOTHING, SETTLED, connected, inUse, type Machine } from './machine.ts';
import { bytesOf } from './streams.ts';

const LAST = PAGE_SIZE - 2 * MSS;

/** Pages go out, each in a packet of three segments; `fates` are those of the segments, the others arrive. */
function sent(pages: number, fates: readonly number[] = [], era = '3.8'): Machine {
  const m = connected({ gro: true, era });
  const fate = fates.values();
  m.fate = () => fate.next().value ?? LinkVerb.DELIVER;
  for (let i = 0; i < pages; i++) m.lend(m.page());
  m.run(1000);
  return m;
}

const payloads = (m: Machine): number[] => m.data.map((s) => s.payload);
const { DELIVER, DROP, DELAY, HOLD } = LinkVerb;

describe('what the receiver gets', () => {
  test('is the packet that was sent', () => {
    expect(sent(1).data).toMatchObject([{ seq: 1, payload: PAGE_SIZE }]);
  });

  test('and answers it at once, by one acknowledgement', () => {
    const m = sent(1);
    expect(m.acks.map((s) => s.ack)).toEqual([1 + PAGE_SIZE]);
    expect(m.peerSk.rcvMss).toBe(MSS); // its segments are no longer for that [tcp_measure_rcv_mss]
  });

  test.each<[string, number[], number[]]>([
    ['the first segment is lost', [DROP], [MSS + LAST]],
    ['one in the middle is lost', [DELIVER, DROP], [MSS, LAST]],
    ['the last one is lost', [DELIVER, DELIVER, DROP], [2 * MSS]],
    ['one comes late', [DELIVER, DELAY], [MSS, LAST]],
    ['the wire is held back behind the first', [DELIVER, HOLD], [MSS]],
  ])('ends where %s', (_, fates, wanted) => {
    expect(payloads(sent(1, fates))).toEqual(wanted);
  });

  test('two packets are two, though one goes on where the other ends', () => {
    expect(payloads(sent(2))).toEqual([PAGE_SIZE, PAGE_SIZE]);
  });
});

test('whatever happens on the wire, every byte comes once and in order, and nothing is left', () => {
  const fates = fc.array(fc.constantFrom(DELIVER, ...Object.values(LinkVerb)), { maxLength: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fates, (pages, verbs) => {
      const m = sent(pages, verbs);
      m.run();
      expect(m.peer.received.equals(bytesOf(m))).toBe(true);
      expect([m.accounts(), inUse(m.k)]).toEqual([SETTLED, NOTHING]);
    }),
  );
});

// One block covers the packet behind the hole whole [net/ipv4/tcp_input.c tcp_shift_skb_data, 2.6.32, 3.8].
test.each<[string, number[]]>([
  ['2.6.28', [MSS, MSS + LAST, PAGE_SIZE, PAGE_SIZE]],
  ['2.6.32', [MSS, MSS + LAST + 2 * PAGE_SIZE]],
  ['3.8', [MSS, MSS + LAST + 2 * PAGE_SIZE]],
])('in %s, the packets behind a hole, once all of them have arrived', (era, packets) => {
  const m = connected({ gro: true, era });
  const fates = [DROP].values();
  m.fate = () => fates.next().value ?? DELIVER;
  for (let i = 0; i < 3; i++) m.lend(m.page());
  m.run(1000, () => m.sk.sackedOut === 8);
  expect(m.queue.map((skb) => skb.len)).toEqual(packets);
});

test('without memory for the whole packet its segments come up one by one', () => {
  const m = connected({ gro: true });
  m.lend(m.page());
  m.dma();
  for (let i = 0; i < 2; i++) m.take('link a>b');
  expect([m.data, m.wire.inFlight]).toEqual([[], 3]);
  m.k.failIn = 1;
  m.take('link a>b');
  expect(payloads(m)).toEqual([MSS, MSS, LAST]);
  m.run();
  expect([m.peer.received, m.accounts(), inUse(m.k)]).toEqual([bytesOf(m), SETTLED, NOTHING]);
});
