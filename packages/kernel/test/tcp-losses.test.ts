// What TCP does when packets are lost, come twice or out of order: every byte once, in order, and all accounts at zero.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CaState,
  ERAS,
  LinkVerb,
  PAGE_SIZE,
  TcpState,
  tcpShutdown,
  type Features,
} from '../src/index.ts';
import { MSS, NOTHING, P, SETTLED, connected, inUse, type Setup } from './machine.ts';
import { bytesOf, bytesOfEach, loseFirst, noise } from './streams.ts';
import { sample } from '../../../scripts/tier.ts';

const eras = ERAS.map((era) => era.id);
const NO_OFFLOAD: Features = { sg: false, csum: false, tso: false, gso: false };

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

  describe.each(setups)('%s', (name, setup) => {
    const nth = setups.findIndex(([known]) => known === name);

    test.each(sample(eras, 4, nth))(
      '%s: all bytes arrive in order, and all accounts end at zero',
      (era) => {
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
      },
    );
  });
});
