// Each story is one reason for which a segment stands out, with a client that sends 1000 bytes at a
// time over a round trip of 20 ms.
import { describe, expect, test } from 'vitest';
import {
  analyse,
  followTcp,
  Mark,
  RangeSet,
  readCapture,
  segmentsSent,
  StreamOffsets,
  type Connection,
} from '../src/index.ts';
import { handshake, pcap, random, talk, type Said } from './build.ts';

const follow = (said: readonly Said[]): Connection =>
  followTcp(readCapture(pcap(talk(said)), 'built'))[0]!;

/** Names of the marks of all segments after the handshake. */
function marks(...said: Said[]): string[] {
  const found = analyse(follow([...handshake(), ...said])).marks.slice(3);
  return [...found].map((mark) =>
    Object.entries(Mark)
      .filter(([, bit]) => (mark & bit) !== 0)
      .map(([name]) => name)
      .join(' '),
  );
}

/** The client sends its n-th 1000 bytes. */
const send = (n: number, us: number): Said => ({ us, seq: 1001 + n * 1000, ack: 9001, data: 1000 });
/** The server acknowledges the first n thousand bytes. */
const ack = (n: number, us: number, window = 500): Said => {
  return { from: 1, us, seq: 9001, ack: 1001 + n * 1000, window };
};
const MS = 1000;

describe('why a segment carries old data', () => {
  test('nothing answered in time: a plain retransmission', () => {
    expect(marks(send(0, 21 * MS), send(1, 22 * MS), send(0, 300 * MS))).toEqual([
      '',
      '',
      'RETRANSMISSION',
    ]);
  });

  test('duplicate ACKs asked for it: a fast retransmission', () => {
    const dup = [ack(1, 42 * MS), ack(1, 43 * MS), ack(1, 44 * MS)];
    const all = marks(
      send(0, 21 * MS),
      send(1, 22 * MS),
      send(2, 23 * MS),
      ...dup,
      send(1, 45 * MS),
    );
    expect(all.slice(3)).toEqual(['', 'DUP_ACK', 'DUP_ACK', 'RETRANSMISSION FAST']);
  });

  test('… but one duplicate ACK is not enough, nor are two that came 20 ms ago', () => {
    const sent = [send(0, 21 * MS), send(1, 22 * MS), send(2, 23 * MS)];
    const one = marks(...sent, ack(1, 42 * MS), ack(1, 43 * MS), send(1, 45 * MS));
    expect(one.at(-1)).toBe('RETRANSMISSION');
    const two = [ack(1, 42 * MS), ack(1, 43 * MS), ack(1, 44 * MS)];
    expect(marks(...sent, ...two, send(1, 64 * MS)).at(-1)).toBe('RETRANSMISSION');
  });

  test('it had been acknowledged already: a spurious retransmission', () => {
    expect(marks(send(0, 21 * MS), ack(1, 41 * MS), send(0, 42 * MS))[2]).toBe(
      'RETRANSMISSION SPURIOUS',
    );
  });

  test('it left a gap and came within a round trip of the newest: out of order', () => {
    expect(marks(send(1, 21 * MS), send(2, 21 * MS), send(0, 30 * MS))).toEqual([
      'LOST_SEGMENT',
      '',
      'OUT_OF_ORDER',
    ]);
    expect(marks(send(1, 21 * MS), send(2, 21 * MS), send(0, 42 * MS)).at(-1)).toBe(
      'RETRANSMISSION',
    );
  });

  test('a copy of the newest segment was not overtaken by anything', () => {
    expect(marks(send(0, 21 * MS), send(0, 22 * MS))).toEqual(['', 'RETRANSMISSION']);
  });
});

describe('what else stands out', () => {
  test('an ACK of data that the capture lacks', () => {
    expect(marks(send(0, 21 * MS), ack(2, 41 * MS), ack(2, 42 * MS))).toEqual([
      '',
      'ACKED_UNSEEN',
      'DUP_ACK',
    ]);
  });

  test('a segment that fills the scaled window, a closed window, its probe and its opening', () => {
    // The handshake offered a shift of 7: 8 stands for 1024 bytes.
    const full = { ...send(1, 42 * MS), data: 1024 };
    const next = 1001 + 2024;
    const closed: Said = { from: 1, us: 62 * MS, seq: 9001, ack: next, window: 0 };
    const probe: Said = { us: 300 * MS, seq: next, ack: 9001, data: 1 };
    const all = [send(0, 21 * MS), ack(1, 41 * MS, 8), full, closed, probe];
    const answers = [
      { ...closed, us: 320 * MS },
      { ...closed, us: 500 * MS, window: 9 },
    ];
    expect(marks(...all, ...answers)).toEqual([
      '',
      '',
      'WINDOW_FULL',
      'ZERO_WINDOW',
      'ZERO_WINDOW_PROBE',
      'ZERO_WINDOW ZERO_WINDOW_PROBE_ACK',
      'WINDOW_UPDATE',
    ]);
  });

  test('keep-alive and its answer, which is no duplicate ACK', () => {
    const alive: Said = { us: 900 * MS, seq: 2000, ack: 9001 };
    expect(marks(send(0, 21 * MS), ack(1, 41 * MS), alive, ack(1, 920 * MS))).toEqual([
      '',
      '',
      'KEEP_ALIVE',
      'KEEP_ALIVE_ACK',
    ]);
  });
});

describe('segmentsSent goes by sequence numbers alone', () => {
  const numbers = (...said: Said[]): number[][] =>
    segmentsSent(follow([...handshake(), ...said]), 0).map((sent) => {
      expect(sent.retransmission).toBe(sent.repeatedBytes > 0);
      return [sent.start, sent.end, sent.firstBytes, sent.repeatedBytes];
    });

  test('new, again, partly new on either side, and around what was seen', () => {
    const at = (start: number, data: number): Said => ({ seq: 1001 + start, data });
    expect(numbers(at(100, 100), at(100, 100), at(150, 100), at(50, 100), at(0, 400))).toEqual([
      [100, 200, 100, 0],
      [100, 200, 0, 100],
      [150, 250, 50, 50],
      [50, 150, 50, 50],
      [0, 400, 200, 200],
    ]);
  });

  test('sequence numbers wrap without a seam', () => {
    const start = 0xfffffe00;
    const said: Said[] = [0, 1000, 2000, 1000].map((at, i) => {
      return { us: (i + 1) * 30 * MS, seq: (start + 1 + at) >>> 0, data: 1000 };
    });
    const connection = follow([...handshake(start), ...said]);
    const sent = segmentsSent(connection, 0).map(({ start, firstBytes }) => [start, firstBytes]);
    expect(sent).toEqual([
      [0, 1000],
      [1000, 1000],
      [2000, 1000],
      [1000, 0],
    ]);
    expect(analyse(connection).totals.retransmissions).toBe(1);
  });

  test('data in a SYN comes after the sequence number of the SYN itself', () => {
    const sent = segmentsSent(
      follow([
        { seq: 50, flags: 2, data: 10 },
        { seq: 61, data: 5 },
      ]),
      0,
    );
    expect(sent.map(({ start, end }) => [start, end])).toEqual([
      [0, 10],
      [10, 15],
    ]);
  });
});

test('a range set knows every byte as an array of booleans does', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const chance = random(seed);
    const ranges = new RangeSet();
    const bytes = new Uint8Array(200);
    for (let i = 0; i < 60; i++) {
      const start = chance(190);
      const end = start + 1 + chance(10);
      const fresh: number[] = [];
      const added = ranges.add(start, end, (from, to) => {
        for (let at = from; at < to; at++) fresh.push(at);
      });
      const expected: number[] = [];
      for (let at = start; at < end; at++) if (bytes[at] === 0) expected.push(at);
      bytes.fill(1, start, end);
      expect(fresh, `seed ${seed}`).toEqual(expected);
      expect(added).toBe(expected.length);
    }
  }
});

test('stream offsets pass 4 GiB', () => {
  const offsets = new StreamOffsets(10);
  const step = 2 ** 30;
  for (let i = 0; i <= 8; i++) expect(offsets.of((10 + i * step) % 2 ** 32)).toBe(i * step);
  expect(offsets.of(9)).toBe(8 * step - 1);
});
