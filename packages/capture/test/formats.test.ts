// One conversation, written down in every way a capture tool may choose: what is read is the same.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { followTcp, readCapture, type Segment } from '../src/index.ts';
import { behind, handshake, pcap, Pcapng, START_NS, talk, u16 } from './build.ts';

const packets = talk([
  ...handshake(),
  { us: 20_050, seq: 1001, ack: 9001, data: 700 },
  { from: 1, us: 40_050, seq: 9001, ack: 1701, window: 500 },
]);
const plain = follow(pcap(packets));

/** Segments without the numbers that depend on the file. */
function follow(file: Uint8Array): Segment[] {
  const connections = followTcp(readCapture(file, 'built'));
  expect(connections).toHaveLength(1);
  return [...connections[0]!.segments];
}

const ether = (...types: number[]): number[] => [...Array<number>(12).fill(2), ...types];

describe('pcap', () => {
  test.each([
    ['microseconds', 0xa1b2c3d4, false],
    ['nanoseconds', 0xa1b23c4d, true],
    ['"modified", with longer record headers', 0xa1b2cd34, false],
  ])('%s, in both byte orders', (_, magic, nanoseconds) => {
    for (const little of [true, false]) {
      const capture = readCapture(pcap(packets, { magic, little }), 'built');
      expect(capture).toMatchObject({ format: 'pcap', nanoseconds, warnings: [] });
      expect(capture.frames[0]).toMatchObject({ number: 1, timeNs: START_NS, offset: 24 });
      expect(followTcp(capture)[0]!.segments).toEqual(plain);
    }
  });

  test('nanoseconds keep their last three digits; ticks are whole microseconds', () => {
    const [first, second] = packets.map(({ ns, data }, i) => ({ ns: ns + BigInt(i * 999), data }));
    const [, segment] = follow(pcap([first!, second!], { magic: 0xa1b23c4d }));
    expect(segment).toMatchObject({ ns: 19_900_999, tick: 19_900 });
  });

  test('gzipped, it is unpacked up to a limit', () => {
    const packed = gzipSync(pcap(packets));
    expect(follow(packed)).toEqual(plain);
    expect(() => readCapture(packed, 'x.gz', { unpackedBytesMax: 100 })).toThrow(
      /^x.gz: the packed file unpacks to more than 100 bytes; unpack it, or cut/,
    );
    expect(() => readCapture(packed.subarray(0, 40), 'x.gz')).toThrow(/cut short or damaged/);
  });
});

describe('link layers', () => {
  const cooked1 = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
  const cooked2 = (type: number): number[] => [...u16(type), ...Array<number>(18).fill(0)];
  test.each([
    ['Ethernet', 1, ether(8, 0)],
    ['Ethernet with a VLAN tag', 1, ether(0x81, 0, 0, 5, 8, 0)],
    ['Ethernet with two VLAN tags', 1, ether(0x88, 0xa8, 0, 7, 0x81, 0, 0, 5, 8, 0)],
    ['Linux cooked v1', 113, [...cooked1, 8, 0]],
    ['Linux cooked v1 with a VLAN tag', 113, [...cooked1, 0x81, 0, 0, 5, 8, 0]],
    ['Linux cooked v2', 276, cooked2(0x0800)],
    ['Linux cooked v2 with a VLAN tag', 276, [...cooked2(0x8100), 0, 5, 8, 0]],
    ['BSD loopback, little-endian', 0, [2, 0, 0, 0]],
    ['OpenBSD loopback', 108, [0, 0, 0, 2]],
    ['raw IP', 12, []],
    ['raw IP', 14, []],
    ['raw IPv4', 228, []],
  ])('%s', (_, linkType, header) => {
    expect(follow(pcap(behind(header, packets), { linkType }))).toEqual(plain);
  });

  test('Ethernet pads short frames: the padding is no payload', () => {
    const padded = behind(ether(8, 0), packets).map((packet) => ({
      ...packet,
      data: Uint8Array.from(
        { length: Math.max(60, packet.data.length) },
        (_, i) => packet.data[i] ?? 0,
      ),
    }));
    expect(follow(pcap(padded, { linkType: 1 }))).toEqual(plain);
  });

  test('frames of other protocols are left out', () => {
    const arp = { ns: START_NS, data: Uint8Array.from([...ether(8, 6), 0, 1]) };
    const short = { ns: START_NS, data: Uint8Array.of(1, 2, 3) };
    const file = pcap([arp, short, ...behind(ether(8, 0), packets)], { linkType: 1 });
    expect(follow(file).map(({ frame }) => frame)).toEqual([3, 4, 5, 6, 7]);
  });
});

describe('pcapng', () => {
  const micros = (i: number): bigint => packets[i]!.ns / 1000n;
  const data = (i: number): Uint8Array => packets[i]!.data;

  test('enhanced, old and simple packet blocks, in both byte orders, between unknown blocks', () => {
    for (const little of [true, false]) {
      const file = new Pcapng()
        .section(little)
        .iface(101)
        .block(0xbad, (w) => w.u32(7));
      packets.forEach((_, i) => {
        if (i === 2) file.oldPacket(0, micros(i), data(i));
        else file.packet(0, micros(i), data(i));
      });
      const capture = readCapture(file.done(), 'built');
      expect(capture).toMatchObject({ format: 'pcapng', nanoseconds: false, warnings: [] });
      expect(followTcp(capture)[0]!.segments).toEqual(plain);
    }
  });

  test('a simple packet block has no time of its own and may be cut by the snap length', () => {
    const file = new Pcapng().section().iface(101, 6, 0, 60).packet(0, micros(0), data(0));
    file.simple(data(3).subarray(0, 60), data(3).length);
    const capture = readCapture(file.done(), 'built');
    expect(capture.warnings[0]).toMatch(/^frame 2: has no timestamp/);
    expect(followTcp(capture)[0]!.segments[1]).toMatchObject({ tick: 0, length: 700, cut: true });
  });

  test('each interface has its own resolution, offset and link type', () => {
    const ns = packets.map((packet) => packet.ns);
    const binary = (value: bigint): bigint => (value * (1n << 20n)) / 1_000_000_000n;
    const file = new Pcapng()
      .section()
      .iface(101, 9)
      .iface(1, 6, 1_700_000_000)
      .iface(101, 0x80 | 20)
      .packet(0, ns[0]!, data(0))
      .packet(
        1,
        (ns[1]! - 1_700_000_000n * 1_000_000_000n) / 1000n,
        behind(ether(8, 0), packets)[1]!.data,
      )
      .packet(2, binary(ns[2]!), data(2));
    const capture = readCapture(file.done(), 'built');
    expect(capture.nanoseconds).toBe(true);
    expect(capture.frames.map(({ linkType }) => linkType)).toEqual([101, 1, 101]);
    const ticks = followTcp(capture)[0]!.segments.map(({ tick }) => tick);
    expect(ticks.slice(0, 2)).toEqual([0, 19_900]);
    expect(Math.abs(ticks[2]! - 20_000)).toBeLessThanOrEqual(1); // units of 2^-20 s
  });

  test('a second section starts over, in its own byte order', () => {
    const file = new Pcapng().section(true).iface(101);
    file.packet(0, micros(0), data(0)).packet(0, micros(1), data(1)).section(false).iface(101);
    for (const i of [2, 3, 4]) file.packet(0, micros(i), data(i));
    expect(follow(file.done())).toEqual(plain);
  });
});
