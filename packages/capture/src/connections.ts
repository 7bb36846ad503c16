// Goal: the TCP connections of a capture, each as a list of segments in capture order.
// Non-goal: judging the segments (analysis.ts) or joining their payload (stream.ts).
import type { Capture, Frame } from './capture.ts';
import { CaptureError, Warnings } from './errors.ts';
import { addressText, readIp, type IpHeader } from './ip.ts';
import { ipOffset } from './link.ts';
import { plus } from './sequence.ts';
import { Flag, readTcp, type TcpHeader } from './tcp.ts';

/** 0 is the client, which sent the SYN; 1 is the server. */
export type Side = 0 | 1;

export interface Endpoint {
  /** IPv4 in dotted form, IPv6 in the short form of RFC 5952. */
  readonly address: string;
  readonly port: number;
}

/** One captured segment. */
export interface Segment {
  /** 1-based number of its frame in the file. */
  readonly frame: number;
  /** Whole microseconds since the first frame of the file; negative if captured out of order. */
  readonly tick: number;
  /** Nanoseconds since the first frame of the file; exact up to 104 days. */
  readonly ns: number;
  readonly from: Side;
  /** Sequence number of the first byte as on the wire, 0 to 2^32-1. */
  readonly seq: number;
  /** Acknowledgement number as on the wire; means something only if `Flag.ACK` is set. */
  readonly ack: number;
  /** Bits of `Flag`. */
  readonly flags: number;
  /** Receive window in bytes: scaled if the connection's handshake was seen, else `windowRaw`. */
  readonly window: number;
  /** The window field of the header. */
  readonly windowRaw: number;
  /** Bytes of payload on the wire, from the IP header. */
  readonly length: number;
  /** The captured part of the payload: a view into the file. */
  readonly payload: Uint8Array;
  /** True if the capture holds less of this frame than the wire did. */
  readonly cut: boolean;
  /** SACK edges in pairs, left and right, as on the wire. */
  readonly sack: readonly number[];
  /** Timestamp option; -1 if absent. */
  readonly tsVal: number;
  readonly tsEcr: number;
  /** Maximum segment size of a SYN; -1 if absent. */
  readonly mss: number;
  /** Window scale shift of a SYN, at most 14; -1 if absent. */
  readonly wscale: number;
}

export interface Connection {
  /** Position among the connections of the capture, from 0. */
  readonly id: number;
  /** The side that sent the SYN; without a handshake in the capture, the first one to send. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** The side that sent more payload bytes; 0 if both sent as much. */
  readonly dataSender: Side;
  /** Initial sequence numbers of client and server; -1 if that SYN is not in the capture. */
  readonly isn: readonly [number, number];
  /** True if both SYNs were captured, so that `Segment.window` is the true window. */
  readonly windowScaled: boolean;
  /** True if the capture has the handshake and the end: a FIN from both sides, or a RST. */
  readonly complete: boolean;
  readonly segments: readonly Segment[];
}

/**
 * Follows the TCP connections of a capture, in order of their first frame. O(frames). A SYN with a
 * new initial sequence number starts a new connection between the same ports. Frames that carry
 * something else are left out; damaged ones too, with a line in `capture.warnings`.
 *
 * @throws CaptureError if no frame carries TCP, or timestamps lie centuries apart.
 */
export function followTcp(capture: Capture): Connection[] {
  const warnings = new Warnings();
  const open = new Map<string, Builder>();
  const builders: Builder[] = [];
  const ip: IpHeader = { addresses: 0, addressBytes: 0, tcp: 0, tcpBytes: 0, fragment: false };
  const tcp = newHeader();
  const start = capture.frames[0]?.timeNs ?? 0n;
  for (const frame of capture.frames) {
    const offset = ipOffset(frame);
    if (offset < 0 || offset >= frame.data.length) continue;
    const found = readIp(frame, offset, ip);
    if (found === 'other') continue;
    if (found !== 'tcp') {
      warnings.note(frame.number, found);
      continue;
    }
    const read = readTcp(frame.data, ip, tcp);
    if (read !== 'read') {
      warnings.note(frame.number, read);
      continue;
    }
    if (ip.fragment) warnings.note(frame.number, 'only the first IP fragment is read');

    const source = endpointKey(frame.data, ip.addresses, ip.addressBytes, ip.tcp);
    const target = endpointKey(
      frame.data,
      ip.addresses + ip.addressBytes,
      ip.addressBytes,
      ip.tcp + 2,
    );
    const key = source < target ? source + target : target + source;
    let builder = open.get(key);
    if (builder === undefined || builder.isReusedBy(source, tcp)) {
      builder = new Builder(builders.length, source, target, tcp);
      builders.push(builder);
      open.set(key, builder);
    }
    builder.add(source, tcp, frame, sinceStart(capture, frame, start));
  }
  for (const line of warnings.list()) {
    if (!capture.warnings.includes(line)) capture.warnings.push(line);
  }
  if (builders.length === 0) {
    throw new CaptureError(
      capture.file,
      -1,
      `none of its ${capture.frames.length} frames carries TCP over IP`,
      'a capture with at least one TCP segment is expected',
    );
  }
  return builders.map((builder) => builder.finish());
}

/** A connection while its segments come in. */
class Builder {
  readonly #id: number;
  readonly #clientKey: string;
  readonly #serverKey: string;
  readonly #segments: Segment[] = [];
  readonly #isn: [number, number] = [-1, -1];
  /** Like #isn, but without a SYN the number before the first one seen. */
  readonly #base: [number, number] = [-1, -1];
  readonly #shift: [number, number] = [-1, -1];
  readonly #bytes: [number, number] = [0, 0];
  readonly #finished: [boolean, boolean] = [false, false];
  #reset = false;

  constructor(id: number, source: string, target: string, first: TcpHeader) {
    const fromServer = (first.flags & (Flag.SYN | Flag.ACK)) === (Flag.SYN | Flag.ACK);
    this.#id = id;
    this.#clientKey = fromServer ? target : source;
    this.#serverKey = fromServer ? source : target;
  }

  /** True for a SYN that opens another connection between the same ports. */
  isReusedBy(source: string, tcp: TcpHeader): boolean {
    if ((tcp.flags & (Flag.SYN | Flag.ACK)) !== Flag.SYN) return false;
    const base = this.#base[this.#side(source)];
    return base !== -1 && base !== tcp.seq;
  }

  add(source: string, tcp: TcpHeader, frame: Frame, ns: bigint): void {
    const from = this.#side(source);
    const to: Side = from === 0 ? 1 : 0;
    const { flags, length } = tcp;
    const syn = (flags & Flag.SYN) !== 0;
    if (syn && this.#isn[from] === -1) {
      this.#isn[from] = tcp.seq;
      this.#shift[from] = tcp.wscale;
    }
    if (this.#base[from] === -1) this.#base[from] = syn ? tcp.seq : plus(tcp.seq, -1);
    if (this.#base[to] === -1 && (flags & Flag.ACK) !== 0) this.#base[to] = plus(tcp.ack, -1);
    this.#bytes[from] += length;
    if ((flags & Flag.FIN) !== 0) this.#finished[from] = true;
    if ((flags & Flag.RST) !== 0) this.#reset = true;
    const shift = syn || !this.#scaled() ? 0 : this.#shift[from];
    this.#segments.push({
      frame: frame.number,
      tick: Number(ns >= 0n ? ns / 1000n : (ns - 999n) / 1000n),
      ns: Number(ns),
      from,
      seq: tcp.seq,
      ack: tcp.ack,
      flags,
      window: tcp.window * 2 ** Math.max(shift, 0),
      windowRaw: tcp.window,
      length,
      payload: frame.data.subarray(tcp.payload, tcp.payload + length),
      cut: frame.data.length < frame.originalLength,
      sack: tcp.sack,
      tsVal: tcp.tsVal,
      tsEcr: tcp.tsEcr,
      mss: tcp.mss,
      wscale: tcp.wscale,
    });
  }

  finish(): Connection {
    const bothSyns = this.#isn[0] !== -1 && this.#isn[1] !== -1;
    return {
      id: this.#id,
      client: endpoint(this.#clientKey),
      server: endpoint(this.#serverKey),
      dataSender: this.#bytes[1] > this.#bytes[0] ? 1 : 0,
      isn: this.#isn,
      windowScaled: bothSyns,
      complete: bothSyns && (this.#reset || (this.#finished[0] && this.#finished[1])),
      segments: this.#segments,
    };
  }

  #side(source: string): Side {
    return source === this.#clientKey ? 0 : 1;
  }

  /** Scaling is on once both SYNs offered it (RFC 7323, section 2.2). */
  #scaled(): boolean {
    return this.#shift[0] >= 0 && this.#shift[1] >= 0;
  }
}

function sinceStart(capture: Capture, frame: Frame, start: bigint): bigint {
  const ns = frame.timeNs - start;
  if (ns < 2n ** 62n && ns > -(2n ** 62n)) return ns;
  throw new CaptureError(
    capture.file,
    frame.offset,
    `frame ${frame.number} was captured centuries away from the first one`,
    'the timestamp of one of the two is damaged',
  );
}

/** Address and port as a string of bytes: cheap to make, compare and take apart. */
function endpointKey(data: Uint8Array, address: number, bytes: number, port: number): string {
  let key = '';
  for (let i = address; i < address + bytes; i++) key += String.fromCharCode(data[i] ?? 0);
  return key + String.fromCharCode(data[port] ?? 0, data[port + 1] ?? 0);
}

function endpoint(key: string): Endpoint {
  const bytes = Uint8Array.from(key, (char) => char.charCodeAt(0));
  const end = bytes.length - 2;
  return {
    address: addressText(bytes.subarray(0, end)),
    port: ((bytes[end] ?? 0) << 8) | (bytes[end + 1] ?? 0),
  };
}

function newHeader(): TcpHeader {
  return {
    seq: 0,
    ack: 0,
    flags: 0,
    window: 0,
    payload: 0,
    length: 0,
    sack: [],
    tsVal: -1,
    tsEcr: -1,
    mss: -1,
    wscale: -1,
  };
}
