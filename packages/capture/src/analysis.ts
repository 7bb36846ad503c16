// Goal: the verdict on each segment that Wireshark 4.0 would give with default preferences, so that
// a capture can be compared with what its users see there. The rules are those of its
// documentation, "TCP Analysis" in the User's Guide, and of tcp_analyze_sequence_number() in
// packet-tcp.c; each is described below in its own words.
// Non-goal: the truth. An analyser sees one end only: what it calls out of order, the sending
// kernel may have resent. segmentsSent() goes by sequence numbers alone.
import type { Connection, Segment } from './connections.ts';
import { after, plus } from './sequence.ts';
import { Flag } from './tcp.ts';

/** Bits of `Analysis.marks`. */
export const Mark = {
  /** Carries old data; set beside FAST and SPURIOUS too. */
  RETRANSMISSION: 1 << 0,
  /** … and answers two or more duplicate ACKs. */
  FAST: 1 << 1,
  /** … and that data had been acknowledged before. */
  SPURIOUS: 1 << 2,
  /** Carries old data so soon after the newest that it was rather overtaken than resent. */
  OUT_OF_ORDER: 1 << 3,
  /** Repeats the ACK before it. */
  DUP_ACK: 1 << 4,
  /** Leaves a gap: a segment before it was not captured. */
  LOST_SEGMENT: 1 << 5,
  /** Acknowledges data that was not captured. */
  ACKED_UNSEEN: 1 << 6,
  /** Fills the receiver's window to its last byte. */
  WINDOW_FULL: 1 << 7,
  /** Changes the window and nothing else. */
  WINDOW_UPDATE: 1 << 8,
  ZERO_WINDOW: 1 << 9,
  ZERO_WINDOW_PROBE: 1 << 10,
  ZERO_WINDOW_PROBE_ACK: 1 << 11,
  KEEP_ALIVE: 1 << 12,
  KEEP_ALIVE_ACK: 1 << 13,
} as const;

/** How many segments have each mark, and a few sums. */
export interface Totals {
  readonly frames: number;
  /** Retransmissions of all kinds: plain + fast + spurious. */
  readonly retransmissions: number;
  readonly plain: number;
  readonly fast: number;
  readonly spurious: number;
  readonly outOfOrder: number;
  readonly dupAcks: number;
  readonly lostSegments: number;
  readonly ackedUnseen: number;
  readonly windowFull: number;
  readonly windowUpdates: number;
  readonly zeroWindows: number;
  readonly keepAlives: number;
  /** Frames of which the capture holds less than the wire did. */
  readonly truncated: number;
  /** Payload bytes on the wire, from client and from server. */
  readonly payloadBytes: readonly [number, number];
}

export interface Analysis {
  /** Bits of `Mark`, one entry for each of `Connection.segments`. */
  readonly marks: Uint16Array;
  readonly totals: Totals;
  /** Nanoseconds from SYN to the ACK that ends the handshake; 0 if not captured. */
  readonly handshakeNs: number;
}

const SYN_FIN = Flag.SYN | Flag.FIN;
const SYN_FIN_RST = Flag.SYN | Flag.FIN | Flag.RST;
/** A fast retransmission leaves within this time of the last duplicate ACK. */
const FAST_NS = 20_000_000;
/** A segment is overtaken by less than a round trip; this stands for one that was not measured. */
const OVERTAKEN_NS = 3_000_000;
const UNSEEN = -1;
const SCALE_UNKNOWN = -1;
const SCALE_NONE = -2;

/** What the segments of one side have shown so far. 0 stands for "nothing yet", as in Wireshark. */
class Flow {
  /** The sequence number after the highest byte seen, and when that byte was sent. */
  next = 0;
  nextNs = 0;
  /** The highest number that the other side may acknowledge without a gap in the capture. */
  ackable = 0;
  lastAck = 0;
  lastAckNs = 0;
  /** The window field of its last segment; a value that no field has before the first one. */
  window = 0xffffffff;
  /** Duplicate ACKs in a row, or UNSEEN once data that was never captured got acknowledged. */
  dupAcks = 0;
  scale = SCALE_UNKNOWN;
  /** True after a SYN, until the first segment whose window field is scaled. */
  unscaledYet = false;
  lastMarks = 0;
}

/** Marks the segments of one connection as they come. */
export class Analyst {
  private readonly flows = [new Flow(), new Flow()] as const;
  private readonly handshake = { synNs: -1, ns: 0 };
  private readonly perBit = new Uint32Array(16);
  private readonly payloadBytes: [number, number] = [0, 0];
  private frames = 0;
  private truncated = 0;

  /** The marks of the next segment. */
  add(segment: Segment): number {
    const { flows, handshake } = this;
    const fwd = flows[segment.from];
    const rev = flows[segment.from === 0 ? 1 : 0];
    const mark = judge(segment, fwd, rev, handshake.ns);
    remember(segment, mark, fwd);
    learnHandshake(segment, fwd, rev, handshake);
    this.frames++;
    this.payloadBytes[segment.from] += segment.length;
    if (segment.cut) this.truncated++;
    for (let rest = mark; rest !== 0; rest &= rest - 1)
      this.perBit[31 - Math.clz32(rest & -rest)]!++;
    return mark;
  }

  /** Nanoseconds from SYN to the ACK that ends the handshake; 0 if not captured. */
  get handshakeNs(): number {
    return this.handshake.ns;
  }

  totals(): Totals {
    const of = (mark: number): number => this.perBit[31 - Math.clz32(mark)] ?? 0;
    const retransmissions = of(Mark.RETRANSMISSION);
    const fast = of(Mark.FAST);
    const spurious = of(Mark.SPURIOUS);
    return {
      frames: this.frames,
      retransmissions,
      plain: retransmissions - fast - spurious,
      fast,
      spurious,
      outOfOrder: of(Mark.OUT_OF_ORDER),
      dupAcks: of(Mark.DUP_ACK),
      lostSegments: of(Mark.LOST_SEGMENT),
      ackedUnseen: of(Mark.ACKED_UNSEEN),
      windowFull: of(Mark.WINDOW_FULL),
      windowUpdates: of(Mark.WINDOW_UPDATE),
      zeroWindows: of(Mark.ZERO_WINDOW),
      keepAlives: of(Mark.KEEP_ALIVE),
      truncated: this.truncated,
      payloadBytes: this.payloadBytes,
    };
  }
}

/** Marks all segments of a connection. O(segments). */
export function analyse(connection: Connection): Analysis {
  const analyst = new Analyst();
  const marks = Uint16Array.from(connection.segments, (segment) => analyst.add(segment));
  return { marks, totals: analyst.totals(), handshakeNs: analyst.handshakeNs };
}

/** All marks of one segment, given what came before it. */
function judge(segment: Segment, fwd: Flow, rev: Flow, handshakeNs: number): number {
  let mark = judgeState(segment, fwd, rev);
  if (segment.ack !== fwd.lastAck) fwd.dupAcks = 0;
  if (acksUnseen(segment, rev)) mark |= Mark.ACKED_UNSEEN;
  const carries = segment.length > 0 || (segment.flags & SYN_FIN) !== 0;
  if (carries && (mark & Mark.KEEP_ALIVE) === 0) mark |= judgeOld(segment, fwd, rev, handshakeNs);
  return mark;
}

/** The marks that do not depend on whether the data is old. */
function judgeState(segment: Segment, fwd: Flow, rev: Flow): number {
  const { seq, ack, flags, length, windowRaw: window } = segment;
  const ordinary = (flags & SYN_FIN_RST) === 0;

  // One byte, in order, into a closed window: a probe, and nothing else matters.
  if (length === 1 && seq === fwd.next && rev.window === 0) return Mark.ZERO_WINDOW_PROBE;

  let mark = 0;
  if (window === 0 && ordinary) mark |= Mark.ZERO_WINDOW;
  if (fwd.next !== 0 && after(seq, fwd.next) && (flags & Flag.RST) === 0) mark |= Mark.LOST_SEGMENT;
  // A keep-alive repeats the last byte or names it without carrying it.
  if (length <= 1 && seq === plus(fwd.next, -1) && ordinary) mark |= Mark.KEEP_ALIVE;
  if (length > 0 && ordinary && plus(seq, length) === windowEnd(rev)) mark |= Mark.WINDOW_FULL;

  // An empty segment that repeats the last sequence and acknowledgement numbers.
  const repeats = length === 0 && ordinary && seq === fwd.next && ack === fwd.lastAck;
  if (!repeats) return mark;
  if (window !== fwd.window) return window === 0 ? mark : mark | Mark.WINDOW_UPDATE;
  if (window === 0) {
    const probed = (rev.lastMarks & Mark.ZERO_WINDOW_PROBE) !== 0;
    return probed ? mark | Mark.ZERO_WINDOW_PROBE_ACK : mark;
  }
  if ((rev.lastMarks & Mark.KEEP_ALIVE) !== 0) return mark | Mark.KEEP_ALIVE_ACK;
  fwd.dupAcks = fwd.dupAcks === UNSEEN ? 1 : fwd.dupAcks + 1;
  return mark | Mark.DUP_ACK;
}

/** Where the window that this side offered last ends; -1 if its scale is not known. */
function windowEnd(flow: Flow): number {
  if (flow.scale === SCALE_UNKNOWN) return -1;
  const shift = flow.unscaledYet || flow.scale === SCALE_NONE ? 0 : flow.scale;
  return plus(flow.lastAck, flow.window * 2 ** shift);
}

/** True if the segment acknowledges what the capture lacks; each gap is reported once. */
function acksUnseen(segment: Segment, rev: Flow): boolean {
  if ((segment.flags & Flag.ACK) === 0 || rev.ackable === 0) return false;
  if (!after(segment.ack, rev.ackable)) return false;
  if (after(rev.next, rev.ackable)) {
    rev.ackable = rev.next;
    return true;
  }
  const first = rev.dupAcks === 0;
  rev.dupAcks = UNSEEN;
  return first;
}

/** Whether the segment carries old data, and what made its sender send it. */
function judgeOld(segment: Segment, fwd: Flow, rev: Flow, handshakeNs: number): number {
  const { seq, flags, length, ns } = segment;
  if (length > 0 && rev.lastAck !== 0 && !after(plus(seq, length), rev.lastAck)) {
    return Mark.RETRANSMISSION | Mark.SPURIOUS;
  }
  if (fwd.next === 0 || !after(fwd.next, seq)) return 0;
  // More than a byte from just before the edge: new data after a probe.
  if (length > 1 && plus(fwd.next, -1) === seq) return 0;

  const sinceAck = ns - rev.lastAckNs;
  // An ACK of data that was never captured counts like duplicates: what it repeats is unknown.
  const asked = rev.dupAcks >= 2 || rev.dupAcks === UNSEEN;
  if (asked && rev.lastAck === seq && sinceAck >= 0 && sinceAck < FAST_NS) {
    return Mark.RETRANSMISSION | Mark.FAST;
  }
  const sinceNext = ns - fwd.nextNs;
  if (sinceNext >= 0 && sinceNext < (handshakeNs === 0 ? OVERTAKEN_NS : handshakeNs)) {
    const end = plus(seq, length + ((flags & SYN_FIN) !== 0 ? 1 : 0));
    // A copy of the very newest segment was overtaken by nothing.
    if (end !== fwd.next) return Mark.OUT_OF_ORDER;
  }
  return Mark.RETRANSMISSION;
}

/** Moves the sender's flow on by this segment. */
function remember(segment: Segment, mark: number, fwd: Flow): void {
  const { seq, ack, flags, length, ns } = segment;
  const next = plus(seq, length + ((flags & SYN_FIN) !== 0 ? 1 : 0));
  const probe = (mark & Mark.ZERO_WINDOW_PROBE) !== 0;
  if (!probe && (fwd.next === 0 || after(next, fwd.next))) {
    fwd.next = next;
    fwd.nextNs = ns;
  }
  if (!probe && (fwd.ackable === 0 || seq === fwd.ackable)) fwd.ackable = fwd.next;
  fwd.window = segment.windowRaw;
  fwd.lastAck = ack;
  fwd.lastAckNs = ns;
  fwd.lastMarks = mark;
}

/** Window scales, and the round trip of the handshake. */
function learnHandshake(
  segment: Segment,
  fwd: Flow,
  rev: Flow,
  handshake: { synNs: number; ns: number },
): void {
  const { flags, wscale, ns } = segment;
  const syn = (flags & Flag.SYN) !== 0;
  const ack = (flags & Flag.ACK) !== 0;
  if (syn) {
    if (!ack) handshake.synNs = ns;
    fwd.unscaledYet = true;
    if (wscale >= 0) fwd.scale = wscale;
    // Scaling needs both offers: one SYN without it switches it off for both sides.
    if (fwd.scale === SCALE_UNKNOWN) fwd.scale = rev.scale = SCALE_NONE;
    else if (ack && rev.scale === SCALE_NONE) fwd.scale = SCALE_NONE;
  } else if (ack) {
    fwd.unscaledYet = false;
    if (handshake.synNs >= 0 && handshake.ns === 0) handshake.ns = ns - handshake.synNs;
  }
}
