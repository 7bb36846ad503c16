// From frames to connections: who called whom, which segments belong together, and what each one
// says, also where captures are odd.
import { describe, expect, test } from 'vitest';
import { Flag, followTcp, readCapture, type Capture, type Connection } from '../src/index.ts';
import {
  ACK,
  FIN_ACK,
  handshake,
  ipPacket,
  pcap,
  RST,
  START_NS,
  SYN,
  SYN_ACK,
  talk,
  u16,
  u32,
  type Said,
} from './build.ts';

const read = (segments: readonly Said[]): Capture => readCapture(pcap(talk(segments)), 'built');
const follow = (segments: readonly Said[]): Connection[] => followTcp(read(segments));

describe('who is the client', () => {
  test('the side that sent the SYN, even if it sends less', () => {
    const [connection] = follow([...handshake(), { from: 1, seq: 9001, ack: 1001, data: 10 }]);
    expect(connection!.client).toEqual({ address: '10.7.0.1', port: 40000 });
    expect(connection!.server).toEqual({ address: '10.7.0.2', port: 5001 });
    expect(connection!).toMatchObject({ id: 0, dataSender: 1, isn: [1000, 9000] });
  });

  test('the side that got the SYN-ACK, if the SYN was not captured', () => {
    const [connection] = follow(handshake().slice(1));
    expect(connection!).toMatchObject({ client: { port: 40000 }, isn: [-1, 9000] });
    expect(connection!).toMatchObject({ windowScaled: false, complete: false });
  });

  test('the side that sent first, if there is no handshake at all', () => {
    const [connection] = follow([
      { from: 1, seq: 5, data: 3 },
      { seq: 77, ack: 8 },
    ]);
    expect(connection!).toMatchObject({ client: { port: 5001 }, dataSender: 0, isn: [-1, -1] });
    expect(connection!.segments.map(({ from }) => from)).toEqual([0, 1]);
  });
});

describe('one pair of ports, several connections', () => {
  test('a SYN with a new sequence number starts the next one; a repeated SYN does not', () => {
    const first = handshake(1000, 9000);
    const connections = follow([
      first[0]!,
      ...first,
      { seq: 1001, ack: 9001, flags: FIN_ACK },
      ...handshake(500_000, 700_000).map((said) => ({ ...said, us: said.us! + 50_000 })),
      { us: 90_000, seq: 500_001, ack: 700_001, data: 9 },
    ]);
    expect(connections.map(({ id, segments }) => [id, segments.length])).toEqual([
      [0, 5],
      [1, 4],
    ]);
  });

  test('interleaved connections of several ports stay apart', () => {
    const other: [number, number] = [40001, 5001];
    const connections = follow([
      { seq: 1, flags: SYN },
      { seq: 1, flags: SYN, ports: other },
      { seq: 2, data: 5 },
      { seq: 2, data: 6, ports: other },
    ]);
    expect(connections.map(({ segments }) => segments.map(({ length }) => length))).toEqual([
      [0, 5],
      [0, 6],
    ]);
  });

  test('complete means: both SYNs, then a FIN from both sides or a RST', () => {
    const fin: Said = { seq: 1001, ack: 9001, flags: FIN_ACK };
    const answer: Said = { from: 1, seq: 9001, ack: 1002, flags: FIN_ACK };
    const complete = (...end: Said[]): boolean => follow([...handshake(), ...end])[0]!.complete;
    expect(complete(fin)).toBe(false);
    expect(complete(fin, answer)).toBe(true);
    expect(complete({ seq: 1001, flags: RST })).toBe(true);
    expect(follow([fin, answer])[0]!.complete).toBe(false);
  });
});

describe('windows', () => {
  const windows = (segments: Said[]): number[] =>
    follow(segments)[0]!.segments.map((s) => s.window);

  test('are scaled after the handshake, never in it', () => {
    expect(windows(handshake())).toEqual([64240, 64240, 502 * 128]);
  });

  test('are taken as they are if one side did not offer scaling', () => {
    const [syn, synAck, ack] = handshake();
    const segments = [syn!, { ...synAck!, options: [2, 4, ...u16(1460)] }, ack!];
    expect(windows(segments)).toEqual([64240, 64240, 502]);
  });

  test('a shift over 14 counts as 14 (RFC 7323)', () => {
    expect(windows(handshake(1, 1, 1000, 99))[2]).toBe(502 * 2 ** 14);
  });
});

describe('options', () => {
  test('SACK edges come in pairs, timestamps as they are on the wire', () => {
    const stamps = [8, 10, ...u32(4_000_000_000), ...u32(7)];
    const sack = [5, 18, ...u32(100), ...u32(200), ...u32(4_294_967_290), ...u32(4)];
    const [connection] = follow([{ seq: 1, ack: 2, options: [...stamps, ...sack] }]);
    expect(connection!.segments[0]).toMatchObject({
      tsVal: 4_000_000_000,
      tsEcr: 7,
      sack: [100, 200, 4_294_967_290, 4],
    });
  });

  test.each([
    ['a length of 0', [8, 0, 1, 1]],
    ['a length past the header', [8, 40, 0, 0]],
    ['an odd SACK', [5, 7, 0, 0, 0, 0, 0]],
    ['end of options, then more', [0, 8, 10, 1, 1, 1, 1, 1, 1, 1, 1]],
  ])('%s is ignored', (_, options) => {
    const [connection] = follow([{ seq: 1, options, data: 4 }]);
    expect(connection!.segments[0]).toMatchObject({ tsVal: -1, sack: [], length: 4 });
  });
});

describe('odd packets', () => {
  test('over 64 KiB the IP length is 0: the frame says how long the packet was', () => {
    const data = ipPacket({ seq: 1, data: 100, ipLength: 0 });
    const packet = { ns: START_NS, data, original: 40 + 180_000 };
    const [connection] = followTcp(readCapture(pcap([packet]), 'built'));
    expect(connection!.segments[0]).toMatchObject({ length: 180_000, cut: true });
    expect(connection!.segments[0]!.payload).toHaveLength(100);
  });

  test('a snap length in the payload or in the options leaves the lengths right', () => {
    const whole = ipPacket({ seq: 9, options: [8, 10, ...u32(1), ...u32(2)], data: 500 });
    for (const [captured, payload, tsVal] of [
      [60, 8, 1],
      [45, 0, -1],
      [40, 0, -1],
    ] as const) {
      const packet = { ns: START_NS, data: whole.subarray(0, captured), original: whole.length };
      const [connection] = followTcp(readCapture(pcap([packet]), 'built'));
      const [segment] = connection!.segments;
      expect(segment).toMatchObject({ seq: 9, length: 500, cut: true, tsVal });
      expect(segment!.payload).toHaveLength(payload);
    }
  });

  test('IPv6 works alike, behind extension headers too', () => {
    const plain = ipPacket({ seq: 3, data: 7, v6: true });
    const extended = Uint8Array.from([
      ...plain.slice(0, 40),
      6,
      0,
      1,
      4,
      0,
      0,
      0,
      0,
      ...plain.slice(40),
    ]);
    extended.set(u16(20 + 7 + 8), 4);
    extended[6] = 60; // destination options
    for (const data of [plain, extended]) {
      const [connection] = followTcp(readCapture(pcap([{ ns: START_NS, data }]), 'built'));
      expect(connection!.client).toEqual({ address: 'fd07::1', port: 40000 });
      expect(connection!.segments[0]).toMatchObject({ seq: 3, length: 7 });
    }
  });

  test('of a fragmented packet the first fragment is read, and a warning says so', () => {
    const capture = read([
      { seq: 1, data: 16, ipFragment: 0x2000 },
      { seq: 1, data: 16, ipFragment: 0x0002 },
      { seq: 1, data: 16, ipFragment: 0x0004 },
    ]);
    const twice = [followTcp(capture), followTcp(capture)];
    expect(twice[1]![0]!.segments).toHaveLength(1);
    expect(capture.warnings).toEqual([
      'frame 1: only the first IP fragment is read',
      'frame 2 and 1 more: a later IP fragment is left out',
    ]);
  });

  test('headers that contradict themselves are left out, and a warning says so', () => {
    const tcpHeader = ipPacket({ seq: 1 });
    tcpHeader[20 + 12] = 0x40; // four words
    const ipHeader = ipPacket({ seq: 1 });
    ipHeader[0] = 0x44;
    const short = ipPacket({ seq: 1, ipLength: 12 });
    const good = ipPacket({ seq: 1 });
    const packets = [tcpHeader, ipHeader, short, good].map((data) => ({ ns: START_NS, data }));
    const capture = readCapture(pcap(packets), 'built');
    expect(followTcp(capture)[0]!.segments).toHaveLength(1);
    expect(capture.warnings).toEqual([
      'frame 1: the TCP header is cut or damaged',
      'frame 2: the IP header is cut or damaged',
      'frame 3: the IP length is less than its header',
    ]);
  });

  test('frames captured out of order have negative ticks, rounded down', () => {
    const ns = [START_NS, START_NS - 1500n];
    const packets = ns.map((at, i) => ({ ns: at, data: ipPacket({ seq: i, flags: ACK }) }));
    const capture = readCapture(pcap(packets, { magic: 0xa1b23c4d }), 'built');
    expect(followTcp(capture)[0]!.segments.map(({ tick }) => tick)).toEqual([0, -2]);
  });
});

test('flags are the bits of the header', () => {
  const [connection] = follow([
    { seq: 1, flags: SYN_ACK },
    { from: 1, seq: 1, flags: 0xff },
  ]);
  expect(connection!.segments.map(({ flags }) => flags)).toEqual([
    Flag.SYN | Flag.ACK,
    Flag.FIN | Flag.SYN | Flag.RST | Flag.PSH | Flag.ACK,
  ]);
});
