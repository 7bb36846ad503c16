// A damaged file is read as far as it is whole, with a warning that says where it is not; one of which nothing is whole
// gives a CaptureError. Never another error, never a hang, and never half a file taken for a whole without a word.
import { describe, expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import {
  analyse,
  CaptureError,
  type Capture,
  followTcp,
  readCapture,
  rpcRecords,
  segmentsSent,
} from '../src/index.ts';
import { behind, handshake, pcap, Pcapng, ramp, random, talk, u32, type Said } from './build.ts';

const packets = talk([
  ...handshake(),
  { seq: 1001, ack: 9001, data: Uint8Array.from([...u32(0x80000028), ...ramp(40)]) },
  { from: 1, seq: 9001, ack: 1045, options: [5, 10, ...u32(1001), ...u32(1045)] },
  { seq: 1045, ack: 9001, flags: 17 },
]);
const good = pcap(packets);

/** Does all that this package does with a file. */
function use(bytes: Uint8Array): void {
  for (const connection of followTcp(readCapture(bytes, 'damaged'))) {
    analyse(connection);
    segmentsSent(connection, connection.dataSender);
    rpcRecords(connection);
  }
}

/** The error that a file gives, of whatever kind. */
function errorOf(bytes: Uint8Array): unknown {
  try {
    use(bytes);
  } catch (error) {
    return error;
  }
  return 'the file was read without an error';
}

function patched(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, offset);
  return copy;
}

describe('a message names the file, the byte, what is wrong and what would be right', () => {
  const ng = (): Pcapng => new Pcapng().section().iface(101);
  const packet = packets[0]!.data;
  const first = 24; // offset of the first pcap record
  test.each<[string, Uint8Array, number, RegExp]>([
    ['empty', new Uint8Array(0), -1, /the file is empty; a pcap or pcapng capture is expected/],
    ['two bytes', Uint8Array.of(0xd4, 0xc3), 0, /magic number needs 4 bytes, but only 2 are left/],
    ['text', new TextEncoder().encode('hello'), 0, /the magic number is 68 65 6c 6c; pcap starts/],
    ['header cut', good.subarray(0, 20), 0, /the pcap file header needs 24 bytes/],
    ['version', patched(good, 4, 7), 4, /pcap version 7\.4; version 2\.4 is read/],
    ['link type', patched(good, 20, 147), -1, /none of its 6 frames .* link type 147 \(user 0\)/],
    [
      'cut in data',
      good.subarray(0, first + 16 + 30),
      first,
      /claims 48 captured bytes, but only 30/,
    ],
    [
      'cut in header',
      good.subarray(0, first + 7),
      first,
      /record header of frame 1 needs 16 bytes/,
    ],
    ['huge', patched(good, first + 8, 1, 0, 4, 0), first, /claims 262145 captured bytes; at most/],
    [
      'negative',
      patched(good, first + 11, 255),
      first,
      /captured bytes; at most 262144 make sense/,
    ],
    ['negative length', patched(good, first + 15, 255), first, /original length of -\d+ bytes/],
    ['no packets', good.subarray(0, first), -1, /none of its 0 frames carries TCP over IP/],
    ['no TCP', patched(pcap(packets.slice(0, 1)), first + 25, 17), -1, /none of its 1 frames/],
    ['block length 0', patched(ng().done(), 28 + 4, 0), 32, /a block length of 0; it must be/],
    ['block length 9', patched(ng().done(), 28 + 4, 9), 32, /a block length of 9; it must be/],
    ['trailer', patched(ng().done(), 24, 32), 24, /closing length is 32, its opening length 28/],
    ['past the end', patched(ng().done(), 28 + 5, 1), 28, /this block needs 280 bytes, but only/],
    ['byte order', patched(ng().done(), 8, 1), 8, /the byte-order magic is 0x/],
    ['section version', patched(ng().done(), 12, 2), 12, /pcapng version 2\.0; version 1 is read/],
    [
      'no interface',
      new Pcapng().section().packet(0, 1n, packet).done(),
      36,
      /on interface 0; this/,
    ],
    [
      'interface link',
      new Pcapng().section().iface(195).packet(0, 1n, packet).done(),
      -1,
      /link type 195 \(802.15.4\) is not read/,
    ],
    [
      'tiny section',
      new Pcapng().block(0x0a0d0d0a, (w) => w.u32(0x1a2b3c4d)).done(),
      0,
      /4 bytes of/,
    ],
    [
      'tiny packet',
      ng()
        .block(6, (w) => w.u32(0))
        .done(),
      52,
      /a packet block with 4 bytes/,
    ],
    [
      'option',
      ng()
        .block(1, (w) => w.u32(101).u32(0).u16(9).u16(99))
        .done(),
      68,
      /option 9 of 99/,
    ],
  ])('%s', (_, bytes, offset, message) => {
    const error = errorOf(bytes) as CaptureError;
    expect(error).toBeInstanceOf(CaptureError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(error).toMatchObject({ name: 'CaptureError', file: 'damaged', offset });
    expect(error.message.startsWith(offset < 0 ? 'damaged: ' : `damaged, byte ${offset}: `)).toBe(
      true,
    );
  });
});

describe('what is whole is read, and the rest is said', () => {
  const read = (bytes: Uint8Array): Capture => {
    const capture = readCapture(bytes, 'damaged');
    followTcp(capture);
    return capture;
  };

  test('a file that ends in its last record', () => {
    const capture = read(good.subarray(0, -1));
    expect(capture.frames).toHaveLength(5);
    expect(capture.warnings).toEqual([
      expect.stringMatching(
        /^frame 5: frame 6 claims 40 captured bytes, but only 39 .*; the rest of the file is left out$/,
      ),
    ]);
  });

  test('a record in the middle whose lengths make no sense', () => {
    const second = 24 + 16 + packets[0]!.data.length;
    const capture = read(patched(good, second + 8, 0, 0, 0, 255));
    expect(capture.frames).toHaveLength(1);
    expect(capture.warnings[0]).toMatch(
      /^frame 1: frame 2 claims 4278190080 captured bytes at byte/,
    );
  });

  test('files that were joined end to end, each with its own byte order, resolution and link type', () => {
    const other = pcap(behind([...Array<number>(12).fill(2), 8, 0], packets), {
      magic: 0xa1b23c4d,
      little: false,
      linkType: 1,
    });
    const capture = read(Uint8Array.from([...good, ...other, ...good]));
    expect(capture.frames).toHaveLength(3 * packets.length);
    expect(new Set(capture.frames.map(({ timeNs }) => timeNs)).size).toBe(packets.length);
    expect(followTcp(capture).map(({ segments }) => segments.length)).toEqual([18]);
    expect(capture.warnings).toEqual([
      'frame 7 and 1 more: another capture file begins there, joined to the first',
    ]);
  });

  test('a packed file that is cut gives what it has', () => {
    const packed = gzipSync(pcap(talk([...handshake(), ...bulk(200)])));
    const capture = read(packed.subarray(0, packed.length - 40));
    expect(capture.frames.length).toBeGreaterThan(100);
    expect(capture.frames.length).toBeLessThan(203);
    expect(capture.warnings[0]).toMatch(/cannot be unpacked to its end/);
  });

  test('frames of an unknown link type between others', () => {
    const file = new Pcapng().section().iface(101).iface(220);
    packets.forEach(({ ns, data }, i) => file.packet(i === 2 ? 1 : 0, ns / 1000n, data));
    const capture = read(file.done());
    expect(followTcp(capture)[0]!.segments).toHaveLength(5);
    expect(capture.warnings).toEqual(['frame 3: link type 220 (USB) is not read']);
  });

  test('times that lie centuries apart', () => {
    const far = new Pcapng().section().iface(101, 9, 5_000_000_000).iface(101, 9, -5_000_000_000);
    far.packet(0, 0n, packets[0]!.data).packet(1, 0n, packets[1]!.data);
    expect(read(far.done()).warnings[0]).toMatch(/^frame 2: was captured centuries away/);
    const seconds = new Pcapng()
      .section()
      .iface(101, 0)
      .packet(0, 1n << 60n, packets[0]!.data);
    expect(read(seconds.done()).warnings[0]).toMatch(/its timestamp lies centuries away/);
  });
});

/** Segments of random bytes, so that packing them does not make them small. */
function bulk(count: number): Said[] {
  const chance = random(3);
  return Array.from({ length: count }, (_, i) => ({
    seq: 1001 + 100 * i,
    ack: 9001,
    data: Uint8Array.from({ length: 100 }, () => chance(256)),
  }));
}

describe('files cut and mutated at random', () => {
  const ng = new Pcapng().section().iface(101, 9, 3).iface(1, 6);
  for (const { ns, data } of packets) ng.packet(0, ns, data);
  ng.block(5, (w) => w.u32(0))
    .oldPacket(0, 5n, packets[0]!.data)
    .simple(packets[1]!.data);
  const cases = [
    ['pcap', good],
    ['pcap, nanoseconds, big-endian', pcap(packets, { magic: 0xa1b23c4d, little: false })],
    ['pcap over Ethernet', pcap(packets, { linkType: 1 })],
    ['pcapng', ng.done()],
    ['gzip', gzipSync(good)],
  ] as const;

  const framesIn = (file: Uint8Array): number => readCapture(file, 'built').frames.length;

  /** Uses the file; anything but success or a CaptureError fails. */
  function survives(bytes: Uint8Array, what: string): boolean {
    try {
      use(bytes);
      return true;
    } catch (error) {
      if (error instanceof CaptureError) return false;
      throw new Error(what, { cause: error });
    }
  }

  test.each(cases)('%s: cut at every byte, it is never taken for the whole', (name, file) => {
    const whole = framesIn(file);
    const lengths = Array.from({ length: file.length }, (_, length) => length);
    const read = lengths.filter((n) => survives(file.subarray(0, n), `${name} cut to ${n} bytes`));
    const silent = read.filter((n) => {
      const { frames, warnings } = readCapture(file.subarray(0, n), 'cut');
      return frames.length === whole && warnings.every((line) => !line.includes('left out'));
    });
    expect(silent).toEqual([]);
  });

  test.each(cases)('%s: 2000 mutants', (name, file) => {
    const interesting = [0, 1, 0x7f, 0x80, 0xff];
    const started = performance.now();
    for (let seed = 1; seed <= 2000; seed++) {
      const chance = random(seed);
      const mutant = Uint8Array.from(file);
      for (let i = 1 + chance(4); i > 0; i--) {
        const value = chance(2) === 0 ? interesting[chance(5)]! : chance(256);
        mutant[chance(mutant.length)] = value;
      }
      survives(mutant, `${name}, seed ${seed}`);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('both outcomes occur: some mutants are read, some are refused', () => {
    const results = new Set<boolean>();
    for (let at = 0; at < good.length; at++)
      results.add(survives(patched(good, at, 255), 'patched'));
    expect(results.size).toBe(2);
  });
});
