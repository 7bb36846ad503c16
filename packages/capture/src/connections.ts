// Goal: the TCP connections of a capture, each as a list of segments in capture order.
// Non-goal: judging the segments (analysis.ts) or joining their payload (stream.ts).
import type { Capture } from './capture.ts';
import { Copies, Numbering } from './copies.ts';
import { CaptureError, Warnings } from './errors.ts';
import type { Frame } from './frames.ts';
import { addressText, findTcp, newFound } from './layers.ts';
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
  /** Whole microseconds since the first frame of the connection; negative if captured out of order. */
  readonly tick: number;
  /** Nanoseconds since the first frame of the connection; exact up to 104 days. */
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
  /** The captured part of the payload: a view. Whoever follows a stream of frames may not keep it. */
  readonly payload: Uint8Array;
  /** True if the capture holds less of this frame than the wire did. */
  readonly cut: boolean;
  /** True if this very packet was captured before, at another interface: it was sent once. */
  readonly copy: boolean;
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

/** Who talks with whom. */
export interface Peers {
  /** Position among the connections of the capture, from 0. */
  readonly id: number;
  /** The side that sent the SYN; without a handshake in the capture, the first one to send. */
  readonly client: Endpoint;
  readonly server: Endpoint;
}

export interface Connection extends Peers {
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

/** Offers each segment of a capture, with the connection that it belongs to. */
export type SegmentSink = (connection: Builder, segment: Segment) => void;

/** Times further apart than this are damage: 146 years in nanoseconds. */
const SPAN_NS_MAX = 2n ** 62n;

/**
 * Follows the TCP connections in a stream of frames, in order of their first frame. A SYN with a new initial sequence
 * number starts a new connection between the same ports. Frames that carry something else are left out; damaged ones
 * too, with a line in `warnings`.
 */
export class Follower {
  readonly builders: Builder[] = [];
  private readonly warnings: Warnings;
  private readonly sink: SegmentSink;
  private readonly open = new Map<string, Builder>();
  private readonly found = newFound();
  private readonly tcp = newHeader();
  private readonly copies = new Copies();
  private start: bigint | null = null;
  private ns = 0n;
  /** Frames in all, and those of them that carry TCP. */
  frames = 0;
  tcpFrames = 0;

  constructor(warnings: Warnings, sink: SegmentSink) {
    this.warnings = warnings;
    this.sink = sink;
  }

  /** Nanoseconds since 1970 of the first frame; null before it. */
  get startNs(): bigint | null {
    return this.start;
  }

  frame(frame: Frame): void {
    const { found, tcp, warnings } = this;
    this.frames++;
    this.start ??= frame.timeNs;
    const result = findTcp(frame, found);
    if (result === 'other') return;
    if (result === 'fault') {
      warnings.note(frame.number, found.fault);
      return;
    }
    const read = readTcp(frame.data, found, tcp);
    if (read !== 'read') {
      warnings.note(frame.number, read);
      return;
    }
    if (found.fragment) warnings.note(frame.number, 'only the first IP fragment is read');
    const { addresses, addressBytes } = found;
    const source = endpointKey(frame.data, addresses, addressBytes, found.tcp);
    const target = endpointKey(frame.data, addresses + addressBytes, addressBytes, found.tcp + 2);
    this.tcpFrames++;
    const sinceStart = this.sinceStart(frame);
    const builder = this.builderOf(source, target, sinceStart);
    const from = builder.sideOf(source);
    const copy = this.copies.isCopy(builder, from, found.id, tcp, sinceStart);
    this.sink(builder, builder.add(from, tcp, frame, sinceStart, copy));
  }

  /** @throws CaptureError if no frame carried TCP. */
  needTcp(file: string): void {
    if (this.tcpFrames > 0) return;
    const why = this.warnings.list();
    throw new CaptureError(
      file,
      -1,
      `none of its ${this.frames} frames carries TCP over IP${why.length === 0 ? '' : ` (${why.join('; ')})`}`,
      'a capture with at least one TCP segment is expected',
    );
  }

  private builderOf(source: string, target: string, sinceStart: bigint): Builder {
    const key = source < target ? source + target : target + source;
    let builder = this.open.get(key);
    if (builder === undefined || builder.isReusedBy(source, this.tcp)) {
      builder = new Builder(this.builders.length, source, target, this.tcp, sinceStart);
      this.builders.push(builder);
      this.open.set(key, builder);
    }
    return builder;
  }

  private sinceStart(frame: Frame): bigint {
    const ns = frame.timeNs - this.start!;
    if (ns < SPAN_NS_MAX && ns > -SPAN_NS_MAX) this.ns = ns;
    else
      this.warnings.note(
        frame.number,
        'was captured centuries away from the first one; it gets the previous time',
      );
    return this.ns;
  }
}

/**
 * The TCP connections of a capture that is in memory. O(frames). What was left out stands in `capture.warnings`.
 *
 * @throws CaptureError if no frame carries TCP.
 */
export function followTcp(capture: Capture): Connection[] {
  const warnings = new Warnings();
  const segments: Segment[][] = [];
  const follower = new Follower(warnings, ({ id }, segment) => {
    if (id === segments.length) segments.push([]);
    segments[id]!.push(segment);
  });
  for (const frame of capture.frames) follower.frame(frame);
  for (const line of warnings.list()) {
    if (!capture.warnings.includes(line)) capture.warnings.push(line);
  }
  follower.needTcp(capture.file);
  return follower.builders.map((builder) => builder.finish(segments[builder.id]!));
}

/** A connection while its segments come in. */
export class Builder implements Peers {
  readonly id: number;
  /** Nanoseconds from the first frame of the file to the first of the connection. */
  readonly startNs: bigint;
  readonly #clientKey: string;
  readonly #serverKey: string;
  readonly #isn: [number, number] = [-1, -1];
  /** Like #isn, but without a SYN the number before the first one seen. */
  readonly #base: [number, number] = [-1, -1];
  readonly #shift: [number, number] = [-1, -1];
  readonly #bytes: [number, number] = [0, 0];
  readonly #finished: [boolean, boolean] = [false, false];
  readonly numbering = new Numbering();
  #reset = false;

  constructor(id: number, source: string, target: string, first: TcpHeader, startNs: bigint) {
    const fromServer = (first.flags & (Flag.SYN | Flag.ACK)) === (Flag.SYN | Flag.ACK);
    this.id = id;
    this.startNs = startNs;
    this.#clientKey = fromServer ? target : source;
    this.#serverKey = fromServer ? source : target;
  }

  sideOf(source: string): Side {
    return source === this.#clientKey ? 0 : 1;
  }

  /** True for a SYN that opens another connection between the same ports. */
  isReusedBy(source: string, tcp: TcpHeader): boolean {
    if ((tcp.flags & (Flag.SYN | Flag.ACK)) !== Flag.SYN) return false;
    const base = this.#base[this.sideOf(source)];
    return base !== -1 && base !== tcp.seq;
  }

  add(from: Side, tcp: TcpHeader, frame: Frame, sinceStart: bigint, copy: boolean): Segment {
    const ns = sinceStart - this.startNs;
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
    return {
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
      copy,
      sack: tcp.sack,
      tsVal: tcp.tsVal,
      tsEcr: tcp.tsEcr,
      mss: tcp.mss,
      wscale: tcp.wscale,
    };
  }

  get client(): Endpoint {
    return endpoint(this.#clientKey);
  }

  get server(): Endpoint {
    return endpoint(this.#serverKey);
  }

  /** Initial sequence numbers of client and server; -1 as long as that SYN was not seen. */
  get isn(): readonly [number, number] {
    return this.#isn;
  }

  /** Bytes of payload on the wire, by side. */
  get bytes(): readonly [number, number] {
    return this.#bytes;
  }

  /** True if the capture has the end: a FIN from both sides, or a RST. */
  get ended(): boolean {
    return this.#reset || (this.#finished[0] && this.#finished[1]);
  }

  finish(segments: readonly Segment[]): Connection {
    const bothSyns = this.#isn[0] !== -1 && this.#isn[1] !== -1;
    return {
      id: this.id,
      client: this.client,
      server: this.server,
      dataSender: this.#bytes[1] > this.#bytes[0] ? 1 : 0,
      isn: this.#isn,
      windowScaled: bothSyns,
      complete: bothSyns && this.ended,
      segments,
    };
  }

  /** Scaling is on once both SYNs offered it (RFC 7323, section 2.2). */
  #scaled(): boolean {
    return this.#shift[0] >= 0 && this.#shift[1] >= 0;
  }
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
