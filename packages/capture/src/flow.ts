// Goal: one connection while its segments come in: where each stands in its sender's stream, what was sent again, what
// was never captured, and the RPC calls. Nothing of a payload is kept, so that the work and the memory follow from the
// number of segments.
import type { Segment, Side } from './connections.ts';
import { RpcMatch } from './rpc-match.ts';
import { RecordReader, type RecordHead, type Unread } from './rpc-reader.ts';
import { RangeSet, StreamOffsets, plus } from './sequence.ts';
import { Flag } from './tcp.ts';

/** A segment in its sender's stream, and what it acknowledges of the other one. One object is reused. */
export interface Placed {
  /** Stream offsets [start, end) of its payload; 0 is the byte after the SYN, or the first byte known without one. */
  start: number;
  end: number;
  /** Bytes that no earlier segment of the capture carried. */
  firstBytes: number;
  /** Cumulative ACK as an offset of the other stream; NaN: none. */
  ack: number;
  /** Edges of SACK blocks in pairs, as offsets of the other stream. */
  readonly sack: number[];
}

/** One copy of a call, or a reply, when all of it and all before it had been captured. */
export interface RpcEvent {
  readonly head: RecordHead;
  readonly from: Side;
  /** Number of the call in order of first copies; -1: a reply to a call that is not in the capture. */
  readonly id: number;
  /** Which copy of the call, or answer to which: from 1. */
  readonly copy: number;
  readonly tick: number;
}

export interface FlowEvents {
  /** A part of a segment's payload for the first time, [start, end) of side `from`'s stream. */
  fresh?(from: Side, start: number, end: number): void;
  rpc?(event: RpcEvent): void;
}

/** What one side has sent. */
export class Sender {
  readonly seen = new RangeSet();
  /** What was carried more than once. */
  readonly again = new RangeSet();
  offsets: StreamOffsets | null = null;
  /** Everything below was captured, or the other end has it. */
  edge = 0;
  /** Highest offset that the other end acknowledged. */
  acked = 0;
  /** Highest offset sent. */
  end = 0;
  /** Where the stream ends, once a FIN was seen: it takes a sequence number, and is no byte. */
  finAt = Infinity;
  dataSegments = 0;
  payloadBytes = 0;
  /** Data segments with any byte that an earlier one carried. */
  retransmissions = 0;
  /** Of those, transmissions of what had been acknowledged before. */
  afterAck = 0;
  reader: RecordReader | null = null;
  /** Records whose end has not come, by their end. */
  readonly pending: RecordHead[] = [];

  /** Bytes that were acknowledged or are behind others, and that no segment of the capture carries. */
  get unseenBytes(): number {
    const end = Math.min(Math.max(this.end, this.acked), this.finAt);
    let bytes = end;
    for (const [from, to] of this.seen.list()) bytes -= Math.max(0, to) - Math.max(0, from);
    return Math.max(0, bytes);
  }

  /** Bytes that were sent and not acknowledged when the capture ended. */
  get openBytes(): number {
    return Math.max(0, this.end - Math.max(0, this.acked));
  }
}

export class Flow {
  readonly senders: readonly [Sender, Sender] = [new Sender(), new Sender()];
  readonly match = new RpcMatch();
  private readonly events: FlowEvents;
  private readonly placed: Placed = { start: 0, end: 0, firstBytes: 0, ack: NaN, sack: [] };
  private tick = 0;

  constructor(events: FlowEvents = {}) {
    this.events = events;
  }

  /** Places a segment that was captured at `tick`. The answer is valid until the next call. */
  add(segment: Segment, tick = segment.tick): Placed {
    const { placed } = this;
    const from = segment.from;
    const to: Side = from === 0 ? 1 : 0;
    const sender = this.senders[from];
    const other = this.senders[to];
    const syn = (segment.flags & Flag.SYN) !== 0;
    this.tick = tick;
    // A SYN takes a sequence number of its own, before its payload.
    const seq = syn ? plus(segment.seq, 1) : segment.seq;
    const started = syn && sender.offsets === null;
    if (sender.offsets === null && (syn || segment.length > 0))
      sender.offsets = new StreamOffsets(seq);
    placed.ack = NaN;
    placed.sack.length = 0;
    if ((segment.flags & Flag.ACK) !== 0) {
      other.offsets ??= new StreamOffsets(segment.ack);
      placed.ack = other.offsets.of(segment.ack);
      for (const edge of segment.sack) placed.sack.push(other.offsets.of(edge));
      this.acknowledge(to, placed.ack);
    }
    placed.start = sender.offsets === null ? 0 : sender.offsets.of(seq);
    placed.end = placed.start + segment.length;
    placed.firstBytes = 0;
    if ((segment.flags & Flag.FIN) !== 0) sender.finAt = placed.end;
    if (started) sender.reader = new RecordReader(true, (head) => this.record(from, head));
    if (segment.length > 0) this.carry(from, segment);
    return placed;
  }

  private carry(from: Side, segment: Segment): void {
    const { placed, events } = this;
    const sender = this.senders[from];
    const { start, end } = placed;
    sender.dataSegments++;
    sender.payloadBytes += segment.length;
    const fresh = events.fresh && ((a: number, b: number): void => events.fresh!(from, a, b));
    sender.seen.intersect(start, end, sender.again, NOTHING);
    placed.firstBytes = sender.seen.add(start, end, fresh);
    if (placed.firstBytes < segment.length && !keepsAlive(sender, placed, segment)) {
      sender.retransmissions++;
      if (end <= sender.acked) sender.afterAck++;
    }
    if (end > sender.end) sender.end = end;
    sender.edge = sender.seen.endFrom(sender.edge);
    sender.reader ??= new RecordReader(false, (head) => this.record(from, head));
    sender.reader.take(start, end, segment.payload, this.tick);
    this.flush(from);
  }

  private acknowledge(side: Side, ack: number): void {
    const sender = this.senders[side];
    if (ack <= sender.acked) return;
    sender.acked = ack;
    // What the capture lacks, the other end has: nothing waits for it.
    if (ack > sender.edge) sender.edge = sender.seen.endFrom(ack);
    if (sender.reader === null) return;
    sender.reader.acked(ack);
    this.flush(side);
  }

  private record(from: Side, head: RecordHead): void {
    const { pending } = this.senders[from];
    let i = pending.length;
    while (i > 0 && pending[i - 1]!.end > head.end) i--;
    pending.splice(i, 0, head);
  }

  /** Tells of the records that are there whole, with all before them. */
  private flush(side: Side): void {
    const { pending, edge } = this.senders[side];
    while (pending.length > 0 && pending[0]!.end <= edge) this.tell(side, pending.shift()!);
  }

  private tell(from: Side, head: RecordHead): void {
    const { tick, match, events } = this;
    if (head.call) {
      const { id, copy, answered } = match.call(from, head);
      events.rpc?.({ head, from, id, copy, tick });
      if (answered < 0) return;
      const reply = { ...head, call: false };
      events.rpc?.({ head: reply, from: from === 0 ? 1 : 0, id, copy: 1, tick: answered });
      return;
    }
    const answer = match.reply(from, head, tick);
    events.rpc?.({ head, from, id: answer?.id ?? -1, copy: answer?.copy ?? 1, tick });
  }

  /** The capture is over. */
  finish(): void {
    for (const side of [0, 1] as const) {
      this.senders[side].reader?.finish();
      this.flush(side);
    }
  }

  /** Did anything in this connection read as RPC: a call, or two replies? */
  get isRpc(): boolean {
    const { calls, strayReplies } = this.match;
    return (
      calls > 0 ||
      strayReplies > 1 ||
      this.open(0)
        .concat(this.open(1))
        .some((h) => h.call)
    );
  }

  /** Records of one side whose end is not in the capture. */
  open(side: Side): RecordHead[] {
    return [...this.senders[side].pending];
  }

  /** May there be RPC from this side that the capture's snap length hides whole? */
  isIllegible(side: Side): boolean {
    return this.senders[side].reader?.isIllegible ?? false;
  }

  /** Parts of one side's stream that were not read, where the connection is RPC. */
  unread(side: Side): readonly { from: number; to: number; why: Unread }[] {
    return this.senders[side].reader?.unread ?? [];
  }
}

/**
 * Some stacks put the last byte, or any, into the probes that look for an idle peer (RFC 1122, 4.2.3.6); Linux sends none
 * (tcp_xmit_probe_skb). Nothing is sent again by that: all has its ACK.
 */
function keepsAlive(sender: Sender, { start, end }: Placed, { length, flags }: Segment): boolean {
  const probes = (flags & (Flag.SYN | Flag.FIN | Flag.RST)) === 0;
  return probes && length === 1 && start === sender.end - 1 && end === sender.acked;
}

function NOTHING(): void {}
