// Captures made by hand: TCP segments in IP packets in frames in files. Checksums stay zero; the
// package does not look at them.

/** What the tests say of a segment; the rest has everyday values. */
export interface Said {
  from?: 0 | 1;
  /** Microseconds since the first frame; one more than the previous segment unless given. */
  us?: number;
  seq: number;
  ack?: number;
  flags?: number;
  window?: number;
  /** Payload, or how many bytes of it. */
  data?: Uint8Array | number;
  options?: number[];
  ports?: [client: number, server: number];
  /** Overrides for odd packets. */
  ipLength?: number;
  ipFragment?: number;
  /** Number of the packet; `talk` counts on. */
  ipId?: number;
  v6?: boolean;
}

export interface Packet {
  ns: bigint;
  data: Uint8Array;
  original?: number;
}

export const START_NS = 1_700_000_000_123_456_000n;
export const SYN = 2;
export const SYN_ACK = 18;
export const ACK = 16;
export const FIN_ACK = 17;
export const RST = 4;

export function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

/** Bytes 0, 1, 2, … modulo 251, starting at `from`. */
export function ramp(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from + i) % 251);
}

/** One IP packet with one TCP segment. */
export function ipPacket(said: Said): Uint8Array {
  const { from = 0, seq, ack = 0, flags = ACK, window = 64240, options = [] } = said;
  const data = typeof said.data === 'number' ? ramp(said.data) : (said.data ?? new Uint8Array(0));
  const [client, server] = said.ports ?? [40000, 5001];
  const padded = [...options];
  while (padded.length % 4 !== 0) padded.push(1);
  const tcpBytes = 20 + padded.length + data.length;
  const ports = from === 0 ? [...u16(client), ...u16(server)] : [...u16(server), ...u16(client)];
  const ip = said.v6 === true ? ipv6Header(from, tcpBytes) : ipv4Header(from, tcpBytes, said);
  const header = [...ports, ...u32(seq), ...u32(ack), ((20 + padded.length) / 4) << 4, flags];
  const bytes = new Uint8Array(ip.length + tcpBytes);
  bytes.set([...ip, ...header, ...u16(window), 0, 0, 0, 0, ...padded]);
  bytes.set(data, ip.length + 20 + padded.length);
  return bytes;
}

function ipv4Header(from: 0 | 1, tcpBytes: number, said: Said): number[] {
  const addresses = [10, 7, 0, 1 + from, 10, 7, 0, 2 - from];
  const total = said.ipLength ?? 20 + tcpBytes;
  return [
    0x45,
    0,
    ...u16(total),
    ...u16(said.ipId ?? 1),
    ...u16(said.ipFragment ?? 0),
    64,
    6,
    0,
    0,
    ...addresses,
  ];
}

function ipv6Header(from: 0 | 1, tcpBytes: number): number[] {
  const address = (last: number): number[] => [0xfd, 7, ...Array<number>(13).fill(0), last];
  return [0x60, 0, 0, 0, ...u16(tcpBytes), 6, 64, ...address(1 + from), ...address(2 - from)];
}

/** The packets of a conversation, as raw IP. */
export function talk(segments: readonly Said[]): Packet[] {
  let us = -1;
  return segments.map((said, i) => {
    us = said.us ?? us + 1;
    return { ns: START_NS + BigInt(us) * 1000n, data: ipPacket({ ipId: i + 1, ...said }) };
  });
}

/** The three segments that open a connection, `rtt` microseconds apart in all. */
export function handshake(client = 1000, server = 9000, rtt = 20_000, shift = 7): Said[] {
  const options = [2, 4, ...u16(1460), 3, 3, shift, 1];
  return [
    { us: 0, seq: client, flags: SYN, options },
    { from: 1, us: rtt - 100, seq: server, ack: client + 1, flags: SYN_ACK, options },
    { us: rtt, seq: client + 1, ack: server + 1, window: 502 },
  ];
}

/** Puts a link header in front of every packet. */
export function behind(header: readonly number[], packets: readonly Packet[]): Packet[] {
  return packets.map(({ ns, data }) => ({ ns, data: Uint8Array.from([...header, ...data]) }));
}

export interface PcapOptions {
  magic?: number;
  little?: boolean;
  linkType?: number;
}

/** A pcap file. Magics: a1b2c3d4 µs (the default), a1b23c4d ns, a1b2cd34 "modified". */
export function pcap(packets: readonly Packet[], options: PcapOptions = {}): Uint8Array {
  const { magic = 0xa1b2c3d4, little = true, linkType = 101 } = options;
  const unit = magic === 0xa1b23c4d ? 1n : 1000n;
  const file = new Writer(little);
  file.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(262144).u32(linkType);
  for (const { ns, data, original } of packets) {
    file.u32(Number(ns / 1_000_000_000n)).u32(Number((ns % 1_000_000_000n) / unit));
    file.u32(data.length).u32(original ?? data.length);
    if (magic === 0xa1b2cd34) file.u32(0).u32(0);
    file.bytes(data);
  }
  return file.done();
}

/** Blocks of a pcapng section; each closes with its own length. */
export class Pcapng {
  readonly #parts: Uint8Array[] = [];
  #little = true;

  section(little = true): this {
    this.#little = little;
    return this.block(0x0a0d0d0a, (w) => w.u32(0x1a2b3c4d).u16(1).u16(0).u32(-1).u32(-1));
  }

  /** `resolution` is the if_tsresol byte, `offset` if_tsoffset in seconds. */
  iface(linkType: number, resolution?: number, offset?: number, snap = 0): this {
    return this.block(1, (w) => {
      w.u16(linkType).u16(0).u32(snap);
      if (resolution !== undefined) w.u16(9).u16(1).bytes([resolution, 0, 0, 0]);
      if (offset !== undefined) w.u16(14).u16(8).i64(BigInt(offset));
      w.u16(0).u16(0);
    });
  }

  /** Enhanced packet block; `units` is the time in the interface's own units. */
  packet(id: number, units: bigint, data: Uint8Array, original = data.length): this {
    return this.block(6, (w) => {
      w.u32(id)
        .u32(Number(units >> 32n))
        .u32(Number(units & 0xffffffffn));
      w.u32(data.length).u32(original).bytes(data);
    });
  }

  oldPacket(id: number, units: bigint, data: Uint8Array): this {
    return this.block(2, (w) => {
      w.u16(id)
        .u16(0)
        .u32(Number(units >> 32n))
        .u32(Number(units & 0xffffffffn));
      w.u32(data.length).u32(data.length).bytes(data);
    });
  }

  simple(data: Uint8Array, original = data.length): this {
    return this.block(3, (w) => w.u32(original).bytes(data));
  }

  block(type: number, fill: (w: Writer) => unknown): this {
    const body = new Writer(this.#little);
    fill(body);
    const content = body.done();
    const padding = (4 - (content.length % 4)) % 4;
    const length = 12 + content.length + padding;
    const file = new Writer(this.#little).u32(type).u32(length).bytes(content);
    this.#parts.push(file.bytes(new Uint8Array(padding)).u32(length).done());
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#parts.flatMap((part) => [...part]));
  }
}

class Writer {
  readonly #bytes: number[] = [];
  readonly #little: boolean;

  constructor(little: boolean) {
    this.#little = little;
  }

  u16(value: number): this {
    return this.bytes(this.#little ? u16(value).reverse() : u16(value));
  }

  u32(value: number): this {
    return this.bytes(this.#little ? u32(value).reverse() : u32(value));
  }

  i64(value: bigint): this {
    const low = Number(BigInt.asUintN(32, value));
    const high = Number(BigInt.asUintN(32, value >> 32n));
    return this.#little ? this.u32(low).u32(high) : this.u32(high).u32(low);
  }

  bytes(values: Iterable<number>): this {
    for (const value of values) this.#bytes.push(value & 255);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** A seeded generator (mulberry32): whole numbers below `below`. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
