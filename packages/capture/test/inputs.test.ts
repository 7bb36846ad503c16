// Captures as people have them, made small: what tshark 4.0.17 says of each, and what a mount without its SYN, a snap
// length, a cut file or a tunnel may not change. test/inputs/ has one of each kind; here are more.
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CaptureError, listCapture, logFlows, type CaptureSummary } from '../src/index.ts';
import {
  behind,
  handshake,
  pcap,
  Pcapng,
  random,
  talk,
  u16,
  u32,
  type Packet,
  type Said,
} from './build.ts';

const inputs = join(import.meta.dirname, 'inputs');
const list = (name: string): Promise<CaptureSummary> => listCapture(join(inputs, name), name);
const listBytes = (bytes: Uint8Array): Promise<CaptureSummary> =>
  listCapture(Readable.from([Buffer.from(bytes)]), 'built');

describe('what tshark counts', () => {
  // prettier-ignore
  const counted: readonly (readonly [file: string, frames: number, tcp: number, segments: number, bytes: number])[] = [
    ['ack-after-4us.pcap', 26, 26, 10, 14600],
    ['bulk-ends-unacked.pcap', 100, 100, 66, 96360],
    ['bulk-whole.pcap', 21, 21, 10, 14600],
    ['bulk-whole.pcap.zst', 21, 21, 10, 14600],
    ['cut-short.pcap.gz', 20, 20, 10, 14600],
    ['gap-1200MB.pcap', 10, 10, 2, 200],
    ['rpc-resend-arp-36min-before.pcap', 33, 32, 20, 17844],
    ['rpc-resend-cut-in-last-record.pcap', 32, 32, 20, 17844],
    ['rpc-resend-mid-record.pcap', 21, 21, 14, 14204],
    ['rpc-resend-no-syn.pcap', 29, 29, 20, 17844],
    ['rpc-resend-snaplen-128.pcap', 32, 32, 20, 17844],
    ['rpc-resend.pcap', 32, 32, 20, 17844],
    ['sampled-5GB.pcap', 25, 25, 10, 23822],
    ['tcp-in-chdlc104.pcap', 21, 21, 10, 14600],
    ['tcp-in-gre.pcap', 21, 21, 10, 14600],
    ['tcp-in-ipip.pcap', 21, 21, 10, 14600],
    ['tcp-in-mpls.pcap', 21, 21, 10, 14600],
    ['tcp-in-ppp9.pcap', 21, 21, 10, 14600],
    ['tcp-in-vxlan.pcap', 21, 21, 10, 14600],
    ['two-interfaces-one-usb.pcapng', 22, 21, 10, 14600],
    ['xid-reused-larger.pcap', 33, 33, 27, 33284],
  ];

  test.each(counted)('%s', async (file, frames, tcp, segments, bytes) => {
    const summary = await list(file);
    const [c] = summary.connections;
    const sum = ([a, b]: readonly [number, number]): number => a + b;
    expect(summary.connections).toHaveLength(1);
    expect([summary.frames, summary.tcpFrames, sum(c!.dataSegments), sum(c!.payloadBytes)]).toEqual(
      [frames, tcp, segments, bytes],
    );
    expect(c!.retransmissions).toEqual([0, 0]);
  });

  test('every file is in the table, or says why it is not read', async () => {
    const others = readdirSync(inputs).filter((f) => !counted.some(([file]) => file === f));
    expect(others).toEqual(['bulk-whole.pcap.xz']);
    await expect(list(others[0]!)).rejects.toThrow(/this is an xz file; .* unpack it with xz -dc/);
  });

  test.each([
    ['rpc-resend.pcap', 4, 5, 5],
    ['rpc-resend-no-syn.pcap', 4, 5, 5],
    ['rpc-resend-snaplen-128.pcap', 4, 5, 5],
    ['rpc-resend-arp-36min-before.pcap', 4, 5, 5],
    ['rpc-resend-mid-record.pcap', 2, 2, 3],
    ['xid-reused-larger.pcap', 3, 3, 3],
  ])('%s: %i calls in %i copies, %i replies', async (file, calls, copies, replies) => {
    const { rpc } = (await list(file)).connections[0]!;
    expect(rpc).toMatchObject({ calls: [calls, 0], copies: [copies, 0], replies: [replies, 0] });
  });

  test.each([
    ['cut-short.pcap.gz', /cannot be unpacked to its end/],
    ['rpc-resend-cut-in-last-record.pcap', /frame 33 claims 66 captured bytes, but only 40/],
    ['two-interfaces-one-usb.pcapng', /^frame 6: link type 220 \(USB\) is not read$/],
  ])('%s: what is left out is said', async (file, line) => {
    expect((await list(file)).warnings).toEqual([expect.stringMatching(line)]);
  });
});

const packets = talk([
  ...handshake(),
  { us: 20_050, seq: 1001, ack: 9001, data: 700 },
  { from: 1, us: 40_050, seq: 9001, ack: 1701, window: 500 },
]);
const ether = (type: number, ...more: number[]): number[] => [
  ...Array<number>(12).fill(2),
  ...u16(type),
  ...more,
];
const snap = (type: number): number[] => [0xaa, 0xaa, 3, 0, 0, 0, ...u16(type)];
const IP = 0x0800;
/** An outer IPv4 header whose length is right for `behind`. */
const ip4 = (protocol: number, payload: number): number[] => [
  0x45,
  0,
  ...u16(20 + payload),
  0,
  0,
  0,
  0,
  64,
  protocol,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
];
const ip6 = (protocol: number, payload: number): number[] => [
  0x60,
  0,
  0,
  0,
  ...u16(payload),
  protocol,
  64,
  ...Array<number>(32).fill(1),
];
const udp = (to: number, payload: number): number[] => [
  0xc0,
  0,
  ...u16(to),
  ...u16(8 + payload),
  0,
  0,
];

/** Each packet behind headers that depend on its length. */
function wrapped(of: (inner: number) => number[]): Packet[] {
  return packets.flatMap((packet) => behind(of(packet.data.length), [packet]));
}
const inUdp =
  (port: number, header: number[]) =>
  (n: number): number[] => [
    ...ip4(17, 8 + header.length + n),
    ...udp(port, header.length + n),
    ...header,
  ];

test.each([
  [40, [true, false]],
  [55, [true, false]],
  [67, [true, false]],
  [68, [false, false]],
])(
  'a snap length of %i bytes of IP: is too little of the payload there?',
  async (snap, illegible) => {
    const cut = packets.map(({ ns, data }) => ({
      ns,
      data: data.subarray(0, snap),
      original: data.length,
    }));
    const { connections } = await listBytes(pcap(cut));
    expect(connections.map((c) => c.illegible)).toEqual([illegible]);
  },
);

describe('TCP behind whatever carries it', () => {
  const gre =
    (flags: number, type: number, ...more: number[]) =>
    (n: number): number[] => [
      ...ip4(47, 4 + more.length + n),
      ...u16(flags),
      ...u16(type),
      ...more,
    ];
  const cases: readonly (readonly [string, number, (inner: number) => number[]])[] = [
    [
      'three VLAN tags',
      1,
      () => ether(0x88a8, 0, 1, ...u16(0x8100), 0, 2, ...u16(0x9100), 0, 3, ...u16(IP)),
    ],
    ['LLC and SNAP in Ethernet', 1, (n) => ether(8 + n, ...snap(IP))],
    ['LLC without SNAP', 1, (n) => ether(3 + n, 6, 6, 3)],
    ['PPPoE', 1, (n) => ether(0x8864, 0x11, 0, 0, 1, ...u16(2 + n), 0, 0x21)],
    ['a backbone bridge', 1, () => ether(0x88a8, 0, 1, ...u16(0x88e7), 0, 0, 0, 9, ...ether(IP))],
    ['two MPLS labels', 1, () => ether(0x8847, 0, 0, 0x10, 9, 0, 0, 0x21, 9)],
    [
      'an MPLS pseudowire with control word',
      1,
      () => ether(0x8847, 0, 0, 0x11, 9, 0, 0, 0, 0, ...ether(IP)),
    ],
    ['IP in IPv6', 101, (n) => ip6(4, n)],
    [
      'an IPv6 destination option before IP',
      101,
      (n) => [...ip6(60, 8 + n), 4, 0, 1, 4, 0, 0, 0, 0],
    ],
    ['AH', 101, (n) => [...ip4(51, 24 + n), 4, 4, ...Array<number>(22).fill(7)]],
    ['EtherIP', 101, (n) => [...ip4(97, 16 + n), 0x30, 0, ...ether(IP)]],
    ['GRE with key and number', 101, gre(0x3000, IP, ...u32(5), ...u32(6))],
    ['GRE with Ethernet and VLAN in it', 101, gre(0, 0x6558, ...ether(0x8100, 0, 5, ...u16(IP)))],
    ['PPTP', 101, gre(0x3081, 0x880b, ...u32(9), ...u32(1), ...u32(1), 0xff, 3, 0, 0x21)],
    ['ERSPAN II', 101, gre(0x1000, 0x88be, ...u32(1), ...u32(0), ...u32(0), ...ether(IP))],
    ['VXLAN on Linux’s old port', 101, inUdp(8472, [8, 0, 0, 0, 0, 0, 5, 0, ...ether(IP)])],
    [
      'GENEVE with options',
      101,
      inUdp(6081, [2, 0, ...u16(0x6558), 0, 0, 5, 0, ...u32(1), ...u32(2), ...ether(IP)]),
    ],
    ['GENEVE with IP', 101, inUdp(6081, [0, 0, ...u16(IP), 0, 0, 5, 0])],
    [
      'GTP-U with an extension',
      101,
      inUdp(2152, [0x34, 0xff, 0, 0, ...u32(1), 0, 0, 0, 0x85, 1, 0, 0, 0]),
    ],
    ['what a router redirects (WCCP 2)', 101, gre(0, 0x883e, 1, 0, 0, 0)],
    ['L2TP', 101, inUdp(1701, [0x48, 2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0xff, 3, 0, 0x21])],
    ['HSR', 1, (n) => ether(0x892f, ...u16(n + 6), 0, 1, ...u16(IP))],
    [
      'a network service header',
      1,
      () => ether(0x894f, 0x0f, 0xc3, 2, 1, ...u32(0x100), ...u32(0)),
    ],
    [
      'TRILL with options',
      1,
      () => [...ether(0x22f3, 0, 0x40, 0, 1, 0, 2, 0, 0, 0, 0), ...ether(IP)],
    ],
    [
      'MACsec that only authenticates',
      1,
      () => ether(0x88e5, 0x20, 0, ...u32(1), ...u32(9), ...u32(9), ...u16(IP)),
    ],
    ['GTP-U', 101, inUdp(2152, [0x30, 0xff, 0, 0, ...u32(1)])],
    [
      'VXLAN in GRE in VLAN',
      1,
      (n) => {
        const vxlan = inUdp(4789, [8, 0, 0, 0, 0, 0, 5, 0, ...ether(IP)])(n);
        return [...ether(0x8100, 0, 5, ...u16(IP)), ...gre(0, IP)(vxlan.length + n), ...vxlan];
      },
    ],
    ['PPP with short protocol', 9, () => [0xff, 3, 0x21]],
    ['PPP in HDLC', 50, () => [0xff, 3, 0, 0x21]],
    ['PPP with direction', 204, () => [1, 0xff, 3, 0, 0x21]],
    ['Cisco HDLC', 104, () => [0x8f, 0, ...u16(IP)]],
    ['frame relay', 107, () => [0x18, 0x41, 3, 0xcc]],
    ['FDDI', 10, () => [0x50, ...Array<number>(12).fill(1), ...snap(IP)]],
    ['token ring', 6, () => [0x10, 0x40, ...Array<number>(12).fill(1), ...snap(IP)]],
    ['ARCnet, RFC 1201', 129, () => [1, 2, 0, 0, 0xd4, 0, 0, 1]],
    ['ARCnet, RFC 1051', 129, () => [1, 2, 0, 0, 0xf0]],
    ['NFLOG', 239, (n) => [2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 3, 0, (4 + n) & 255, (4 + n) >> 8, 9, 0]],
    [
      '802.11 data with QoS behind radiotap',
      127,
      () => [
        0,
        0,
        9,
        0,
        2,
        0,
        0,
        0,
        0x10,
        0x88,
        1,
        0,
        0,
        ...Array<number>(20).fill(1),
        0,
        0,
        ...snap(IP),
      ],
    ],
    ['IP over InfiniBand', 242, () => [...Array<number>(40).fill(1), ...u16(IP), 0, 0]],
    [
      'Linux cooked, 802.2',
      113,
      () => [0, 0, 0, 1, 0, 6, ...Array<number>(8).fill(1), 0, 4, ...snap(IP)],
    ],
  ];

  test.each(cases)('%s', async (_, linkType, header) => {
    const { connections, warnings } = await listBytes(pcap(wrapped(header), { linkType }));
    expect(warnings).toEqual([]);
    expect(connections).toHaveLength(1);
    const [c] = connections;
    expect(c!.client).toEqual({ address: '10.7.0.1', port: 40000 });
    expect([c!.frames, c!.payloadBytes, c!.handshake]).toEqual([[3, 2], [700, 0], true]);
  });

  test.each<[string, number, (n: number) => number[]]>([
    ['an encrypted packet (ESP) is left out', 101, (n) => ip4(50, n)],
    ['an encrypted frame (MACsec) is left out', 1, () => ether(0x88e5, 0x0c, 0, ...u32(1))],
  ])('%s, and said', async (line, linkType, header) => {
    const { connections, warnings } = await listBytes(pcap(wrapped(header), { linkType }));
    expect([connections, warnings]).toEqual([[], [`frame 1 and 4 more: ${line}`]]);
  });

  test('headers in headers without end are left', async () => {
    const deep = wrapped((n) =>
      Array.from({ length: 40 }, (_, i) => ip4(4, 20 * (39 - i) + n)).flat(),
    );
    await expect(logFlows(Readable.from([Buffer.from(pcap(deep))]), 'deep', [0])).rejects.toThrow(
      /more than 16 headers/,
    );
  });
});

describe('times', () => {
  test('a capture from before 1970, over the turn of the signs', async () => {
    const early = packets.map(({ ns, data }) => ({ ns: ns - packets[0]!.ns - 30_000_000n, data }));
    const file = Buffer.from(
      pcap(early.map((p) => ({ ...p, ns: p.ns + 2n ** 32n * 1_000_000_000n }))),
    );
    // Seconds of 32 bits: what is negative has wrapped, what is not has not.
    let at = 24;
    for (const { ns, data } of early) {
      const seconds = ns < 0n ? -1 : 0;
      file.writeInt32LE(seconds, at);
      file.writeUInt32LE(Number((ns - BigInt(seconds) * 1_000_000_000n) / 1000n), at + 4);
      at += 16 + data.length;
    }
    const { startNs, durationNs } = await listBytes(file);
    expect([startNs, durationNs]).toEqual([-30_000_000n, 40_050_000]);
  });

  test('the ticks of a connection start with it, years after the first frame', async () => {
    const year = 400n * 86_400n * 1_000_000_000n;
    const other = talk([{ seq: 1, data: 1, ports: [1, 2] }])[0]!;
    const file = pcap([other, ...packets.map(({ ns, data }) => ({ ns: ns + year, data }))], {
      magic: 0xa1b23c4d,
    });
    const { logs } = await logFlows(Readable.from([Buffer.from(file)]), 'built', [1]);
    expect(Array.from({ length: 5 }, (_, i) => logs[0]!.ticks.at(i))).toEqual([
      0, 19_900, 20_000, 20_050, 40_050,
    ]);
  });

  test('a probe of an idle peer with a byte in it is nothing that was sent again', async () => {
    const sent = { seq: 1001, ack: 9001, data: 100 };
    const acked = { from: 1, seq: 9001, ack: 1101 } as const;
    const probes = [1, 2, 3].flatMap((n): Said[] => [
      { us: n * 10_000_000, seq: 1100, ack: 9001, data: 1 },
      acked,
    ]);
    const idle = await listBytes(pcap(talk([...handshake(), sent, acked, ...probes])));
    expect(idle.connections[0]).toMatchObject({ retransmissions: [0, 0], afterAck: [0, 0] });
    // What goes again while it has no ACK, and more than the last byte, is no such probe.
    for (const again of [
      [sent, { seq: 1100, ack: 9001, data: 1 }, acked],
      [sent, acked, { seq: 1099, ack: 9001, data: 2 }],
      [sent, acked, { seq: 1099, ack: 9001, data: 1 }],
    ] satisfies Said[][]) {
      const { connections } = await listBytes(pcap(talk([...handshake(), ...again])));
      expect(connections[0]!.retransmissions).toEqual([1, 0]);
    }
  });

  test('a clock that was set back goes on', async () => {
    const back = packets.map(({ ns, data }, i) => ({
      ns: i < 3 ? ns : ns - 3_600_000_000_000n,
      data,
    }));
    const { logs } = await logFlows(Readable.from([Buffer.from(pcap(back))]), 'built', [0]);
    const [log] = logs;
    expect(log!.clockSets).toBe(1);
    expect(Array.from({ length: 5 }, (_, i) => log!.ticks.at(i))).toEqual([
      0, 19_900, 20_000, 20_000, 40_000,
    ]);
  });
});

describe('streams', () => {
  test('any size of chunks gives the same, packed or not', async () => {
    const file = join(inputs, 'rpc-resend-no-syn.pcap');
    const whole = await listCapture(file, 'x');
    for (const highWaterMark of [1, 7, 100, 4096])
      expect(await listCapture(createReadStream(file, { highWaterMark }), 'x')).toEqual(whole);
    const chunks = createReadStream(file, { highWaterMark: 512 });
    const packed = gzipSync(Buffer.concat(await chunks.toArray()));
    const parts = Array.from({ length: Math.ceil(packed.length / 50) }, (_, i) =>
      packed.subarray(50 * i, 50 * i + 50),
    );
    expect(await listCapture(Readable.from(parts), 'x')).toEqual(whole);
  });

  test('a long block that is not read is passed over in any chunks', async () => {
    const ng = new Pcapng().section().iface(101);
    for (const { ns, data } of packets)
      ng.packet(0, ns / 1000n, data).block(5, (w) => w.bytes(new Uint8Array(3000)));
    const bytes = Buffer.from(ng.done());
    const parts = Array.from({ length: Math.ceil(bytes.length / 700) }, (_, i) =>
      bytes.subarray(700 * i, 700 * i + 700),
    );
    expect(await listCapture(Readable.from(parts), 'built')).toEqual(await listBytes(bytes));
  });
});

/** Frames of random protocols, some of them TCP, with everything else by chance. */
function anything(seed: number): Uint8Array {
  const chance = random(seed);
  const pick = <T>(...of: T[]): T => of[chance(of.length)] as T;
  const said: Said[] = Array.from({ length: 1 + chance(30) }, () => ({
    from: pick<0 | 1>(0, 1),
    us: chance(2 ** 31),
    seq: pick(1001, chance(2 ** 31) * 2),
    ack: pick(9001, chance(2 ** 31) * 2),
    flags: chance(64),
    data: chance(1400),
  }));
  const linkType = pick(
    0,
    1,
    6,
    9,
    10,
    50,
    101,
    104,
    107,
    113,
    127,
    129,
    197,
    239,
    242,
    276,
    chance(300),
  );
  const file = Buffer.from(pcap(talk(said), { linkType }));
  for (let i = chance(40); i > 0; i--) {
    const at = chance(file.length);
    file[at] = pick(0, 1, 0x7f, 0x80, 0xff, chance(256));
  }
  return chance(4) === 0 ? gzipSync(file) : file;
}

/** More with LASTREF_FUZZ=200000 npm run fuzz */
const SEEDS = Number(process.env['LASTREF_FUZZ'] ?? 400);

test(
  `${SEEDS} captures of anything: listed and logged, or one clear line`,
  { timeout: 3_600_000 },
  async () => {
    const first = Number(process.env['LASTREF_SEED'] ?? 1);
    let answered = 0;
    for (let seed = first; seed < first + SEEDS; seed++) {
      const bytes = anything(seed);
      try {
        const { connections } = await listBytes(bytes);
        const ids = connections.slice(0, 3).map(({ id }) => id);
        await logFlows(Readable.from([Buffer.from(bytes)]), 'fuzz', ids);
      } catch (error) {
        const clear = error instanceof CaptureError && !error.message.includes('\n');
        if (!clear) throw new Error(`seed ${seed}`, { cause: error });
      }
      answered++;
    }
    expect(answered).toBe(SEEDS);
  },
);
