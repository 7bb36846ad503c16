// A client that gets no answer sends its call again, with the same xid on the same connection. If
// it lends pages to the stack and reuses them after the first answer, the second copy may carry
// other bytes than the first: this package shows both copies, so that the damage can be counted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  followTcp,
  readCapture,
  rpcRecords,
  Unread,
  type Connection,
  type RpcTrace,
} from '../src/index.ts';
import { handshake, pcap, ramp, random, talk, u32, type Packet, type Said } from './build.ts';

const WRITE = 7;
const fileTrace = (file: string): RpcTrace => {
  const bytes = readFileSync(join(import.meta.dirname, '../data', file));
  return rpcRecords(followTcp(readCapture(bytes, file))[0]!);
};
const follow = (packets: readonly Packet[]): Connection =>
  followTcp(readCapture(pcap(packets), 'built'))[0]!;
const trace = (...said: Said[]): RpcTrace => rpcRecords(follow(talk([...handshake(), ...said])));

describe('an NFS client resends ten calls to a slow server', () => {
  const { exchanges, strayReplies, unfinishedBytes, unread } = fileTrace(
    '04-rpc-write-client.pcap',
  );
  const copies = exchanges.flatMap((exchange) => exchange.copies);
  const replies = exchanges.flatMap((exchange) => exchange.replies);
  const twice = exchanges.filter((exchange) => exchange.copies.length > 1);

  test('53 calls, 50 of them WRITE, and 53 replies under 43 xids', () => {
    expect(unread).toEqual([]);
    expect(copies).toHaveLength(53);
    expect(copies.filter(({ procedure }) => procedure === WRITE)).toHaveLength(50);
    expect(new Set(copies.map(({ program, version }) => `${program} ${version}`))).toEqual(
      new Set(['100003 3']),
    );
    expect(replies).toHaveLength(53);
    expect(new Set(exchanges.map(({ xid }) => xid)).size).toBe(43);
    expect(exchanges).toHaveLength(43);
    expect([strayReplies, unfinishedBytes]).toEqual([[], [0, 0]]);
  });

  test('calls lie back to back in the stream, each copy was sent before it was answered', () => {
    const inOrder = copies.toSorted((a, b) => a.start - b.start);
    expect(inOrder[0]!.start).toBe(0);
    inOrder.slice(1).forEach((call, i) => expect(call.start).toBe(inOrder[i]!.end));
    for (const exchange of exchanges) {
      expect(exchange.replies.map(({ copy }) => copy)).toEqual(
        exchange.copies.map(({ copy }) => copy),
      );
      for (const { copy, tick } of exchange.replies) {
        const call = exchange.copies[copy - 1]!;
        expect(call.firstTick).toBeLessThanOrEqual(call.lastTick);
        expect(call.lastTick).toBeLessThan(tick);
      }
    }
  });

  test('about 180 ms pass between two copies; the first may have waited in the send queue', () => {
    for (const {
      copies: [first, second],
    } of twice) {
      const waited = second!.firstTick - first!.firstTick;
      expect(waited).toBeGreaterThan(160_000);
      expect(waited).toBeLessThan(200_000);
    }
  });

  test('three second copies carry other bytes than the first', () => {
    const differing = twice.map(({ xid, copies }) => {
      const [first, second] = copies;
      let bytes = 0;
      first!.bytes.forEach((byte, i) => {
        if (byte !== second!.bytes[i]) bytes++;
      });
      return [xid.toString(16), copies.length, bytes];
    });
    expect(differing).toEqual([
      ['5a000117', 2, 12468],
      ['5a00011b', 2, 6752],
      ['5a00011f', 2, 1021],
      ['5a000120', 2, 0],
      ['5a000125', 2, 0],
      ['5a000129', 2, 0],
      ['5a00012d', 2, 0],
      ['5a000131', 2, 0],
      ['5a000134', 2, 0],
      ['5a000138', 2, 0],
    ]);
    // Only where the first answer came while the second copy was still leaving.
    const damaged = twice.filter((_, i) => (differing[i]![2] as number) > 0);
    for (const { copies, replies } of damaged) {
      expect(replies[0]!.tick).toBeGreaterThan(copies[1]!.firstTick);
      expect(replies[0]!.tick).toBeLessThan(copies[1]!.lastTick);
    }
  });
});

describe('what cannot be read is said, and the rest is read', () => {
  const xids = ({ exchanges }: RpcTrace): number[] =>
    exchanges.flatMap(({ copies }) => copies).map(({ xid }) => xid);

  test('at the server the snap length cut heads in the middle of segments', () => {
    const { exchanges, unread } = fileTrace('04-rpc-write-server.pcap');
    expect(exchanges.length).toBeGreaterThan(20);
    expect(new Set(unread.map(({ why }) => why))).toEqual(new Set([Unread.CUT]));
    const client = fileTrace('04-rpc-write-client.pcap').exchanges;
    const sent = new Set(
      client.flatMap(({ copies }) => copies.map((c) => `${c.xid} ${c.start} ${c.end}`)),
    );
    const read = exchanges.flatMap(({ copies }) =>
      copies.map((c) => `${c.xid} ${c.start} ${c.end}`),
    );
    expect(read.filter((call) => !sent.has(call))).toEqual([]);
  });

  test('a segment that was never captured in the middle of a call leaves no hole', () => {
    const long = record(Uint8Array.of(...call(1), ...ramp(400)));
    const [one, , three, ...more] = sendIn(Uint8Array.of(...long, ...record(call(2))), 120);
    const read = trace(one!, three!, ...more, { from: 1, seq: 9001, ack: 1001 + 700 });
    expect([xids(read), read.unread]).toEqual([[1, 2], []]);
  });

  test('the head of a call that was never captured is missed, the next one is found', () => {
    const stream = Uint8Array.of(...record(call(1)), ...record(call(2)), ...record(call(3)));
    const [one, , three] = sendIn(stream, 44);
    const read = trace(one!, three!, { from: 1, seq: 9001, ack: 1001 + stream.length });
    expect(xids(read)).toEqual([1, 3]);
    expect(read.unread).toEqual([{ side: 0, from: 44, to: 88, why: Unread.LOST }]);
  });

  test('a head that comes after all, in a retransmission long after, is read', () => {
    const stream = Uint8Array.of(...record(call(1)), ...record(call(2)), ...record(call(3)));
    const [one, two, three] = sendIn(stream, 44);
    const filler = Array.from({ length: 2000 }, (_, i) => ({
      seq: 1001 + stream.length + i * 1000,
      data: new Uint8Array(1000),
    }));
    const read = trace(one!, three!, ...filler, two!);
    expect(xids(read).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  test('a capture that starts in the middle of a call is in step from the next one on', () => {
    const long = record(Uint8Array.of(...call(1), ...ramp(400)));
    const rest = Uint8Array.of(...long.subarray(200), ...record(call(2)), ...record(call(3)));
    const read = rpcRecords(follow(talk([{ seq: 5000, data: rest }])));
    expect(xids(read)).toEqual([2, 3]);
    expect(read.unread).toEqual([
      { side: 0, from: 0, to: long.length - 200, why: Unread.NO_START },
    ]);
  });

  test.each<[string, Uint8Array]>([
    ['text', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
    ['zeros', new Uint8Array(100)],
    ['one byte', Uint8Array.of(128)],
    ['an empty record', Uint8Array.of(128, 0, 0, 0)],
    ['a ramp of bytes', record(ramp(100))],
    ['a short call', record(call(1).subarray(0, 36))],
    ['a mark of 15 MiB, then no RPC', Uint8Array.of(128, 240, 0, 0, ...ramp(50))],
    ['many small fragments that never end', new Uint8Array(4000).fill(1)],
  ])('%s is no RPC', (_, bytes) => {
    expect(trace({ seq: 1001, data: bytes })).toMatchObject({ exchanges: [], strayReplies: [] });
  });

  test('RPC, then garbage: the call counts', () => {
    const read = trace({ seq: 1001, data: Uint8Array.of(...record(call(1)), ...ramp(60, 90)) });
    expect(xids(read)).toEqual([1]);
    expect(read.unread).toEqual([{ side: 0, from: 44, to: 104, why: Unread.NOT_RPC }]);
  });

  test('4000 streams of random bytes and broken calls are survived', () => {
    const good = record(call(7), 3);
    for (let seed = 1; seed <= 4000; seed++) {
      const chance = random(seed);
      const bytes = Uint8Array.from(seed % 2 === 0 ? ramp(1 + chance(200)) : [...good, ...good]);
      for (let i = chance(8); i >= 0; i--) bytes[chance(bytes.length)] = chance(256);
      const { exchanges } = trace({ seq: 1001, data: bytes });
      expect(exchanges.length, `seed ${seed}`).toBeLessThanOrEqual(2);
    }
  });
});

describe('reassembly', () => {
  const stream = Uint8Array.from([...record(call(5)), ...record(call(6), 3), ...record(call(5))]);
  const sizes = { 5: 44, 6: 40 + 3 * 4 };

  test('any segmentation, order and repetition gives the same records', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const chance = random(seed);
      const said = sendIn(stream, 1 + chance(60));
      for (let i = chance(6); i > 0; i--)
        said.splice(chance(said.length), 0, said[chance(said.length)]!);
      for (let i = said.length - 1; i > 0; i--) {
        const j = chance(i + 1);
        [said[i], said[j]] = [said[j]!, said[i]!];
      }
      const { exchanges } = trace(...said.map((segment, i) => ({ ...segment, us: 30_000 + i })));
      const found = exchanges.flatMap(({ copies }) => copies).toSorted((a, b) => a.start - b.start);
      expect(found.map(({ xid, copy, start, end }) => [xid, copy, start, end])).toEqual([
        [5, 1, 0, sizes[5]],
        [6, 1, sizes[5], sizes[5] + sizes[6]],
        [5, 2, sizes[5] + sizes[6], stream.length],
      ]);
      expect(found.every(({ xid, bytes }) => bytes.join() === call(xid).join())).toBe(true);
    }
  });

  test('the segment that carried a byte first counts: in its time and in its bytes', () => {
    const changed = Uint8Array.from(stream.subarray(0, 44)).fill(0, 40);
    const { exchanges } = trace(
      { us: 30_000, seq: 1001 + 20, data: stream.subarray(20) },
      { us: 31_000, seq: 1001, data: changed },
    );
    const [first] = exchanges[0]!.copies;
    expect(first).toMatchObject({ firstTick: 30_000, lastTick: 31_000 });
    expect(first!.bytes).toEqual(call(5));
  });

  test('a record that the capture ends in is not there yet', () => {
    const cut = trace({ seq: 1001, data: stream.subarray(0, stream.length - 1) });
    expect(cut.exchanges.map(({ copies }) => copies.length)).toEqual([1, 1]);
    expect(cut.unfinishedBytes).toEqual([43, 0]);
  });
});

describe('replies', () => {
  const answers = (...records: Uint8Array[]): Said[] => {
    let seq = 9001;
    return records.map((data, i) => {
      const said: Said = { from: 1, us: 50_000 + i * 1000, seq, data };
      seq += data.length;
      return said;
    });
  };

  test('a reply is complete when all before it is there too', () => {
    const [early, late] = answers(record(reply(1)), record(reply(2)));
    const calls = sendIn(Uint8Array.from([...record(call(1)), ...record(call(2))]), 1000);
    const { exchanges } = trace(...calls, { ...late!, us: 50_000 }, { ...early!, us: 70_000 });
    expect(exchanges.map(({ replies }) => replies[0]!.tick)).toEqual([70_000, 70_000]);
  });

  test('one reply to two copies counts for the first, a stray one for none', () => {
    const calls = sendIn(Uint8Array.from([...record(call(1)), ...record(call(1))]), 1000);
    const { exchanges, strayReplies } = trace(
      ...calls,
      ...answers(record(reply(9)), record(reply(1))),
    );
    expect(exchanges.map(({ copies, replies }) => [copies.length, replies.length])).toEqual([
      [2, 1],
    ]);
    expect(exchanges[0]!.replies[0]).toMatchObject({ copy: 1, tick: 51_000, from: 1 });
    expect(strayReplies.map(({ xid }) => xid)).toEqual([9]);
  });

  test('the server may call back on the same connection', () => {
    const { exchanges } = trace(...answers(record(call(3))), {
      us: 60_000,
      seq: 1001,
      data: record(reply(3)),
    });
    expect(exchanges[0]).toMatchObject({
      copies: [{ from: 1 }],
      replies: [{ from: 0, tick: 60_000 }],
    });
  });

  test('an xid used again for another procedure is another call', () => {
    const other = call(1);
    other[23] = 1;
    const calls = sendIn(Uint8Array.from([...record(call(1)), ...record(other)]), 1000);
    expect(trace(...calls).exchanges.map(({ procedure }) => procedure)).toEqual([WRITE, 1]);
  });
});

/** An RPC call of NFSv3 WRITE without arguments. */
function call(xid: number): Uint8Array {
  return Uint8Array.from([xid, 0, 2, 100003, 3, WRITE, 0, 0, 0, 0].flatMap(u32));
}

function reply(xid: number): Uint8Array {
  return Uint8Array.from([xid, 1, 0, 0, 0, 0].flatMap(u32));
}

/** A message with record marks, in so many fragments. */
function record(message: Uint8Array, fragments = 1): Uint8Array {
  const bytes: number[] = [];
  const size = Math.ceil(message.length / fragments);
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    const last = at + size >= message.length ? 0x80000000 : 0;
    bytes.push(...u32(last + part.length), ...part);
  }
  return Uint8Array.from(bytes);
}

/** The client sends a stream in segments of this size. */
function sendIn(stream: Uint8Array, size: number): Said[] {
  const said: Said[] = [];
  for (let at = 0; at < stream.length; at += size) {
    said.push({ seq: 1001 + at, ack: 9001, data: stream.subarray(at, at + size) });
  }
  return said;
}
