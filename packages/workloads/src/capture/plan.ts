// From a capture to a plan: which operations the sender had, when it queued each, when each segment went, what
// the other end acknowledged and answered.
import {
  Flag,
  StreamOffsets,
  rpcRecords,
  segmentsSent,
  type Connection,
  type RpcCall,
  type Segment,
} from '@lastref/capture';
import { PAGE_SIZE } from '@lastref/kernel';

/** Bytes per operation where the capture does not decode as RPC. */
export const CHUNK_BYTES = 65536;

/** A contiguous piece of the sender's stream that one producer's operation fills. */
export interface PlanOperation {
  /** Stream offsets: [start, lentFrom) is copied, [lentFrom, end) is lent. */
  readonly start: number;
  readonly lentFrom: number;
  readonly end: number;
  /** Operations with the same key are transmissions of one call: they lend the same pages. */
  readonly key: number;
  /** What a report calls it. */
  readonly name: string;
}

export const EventKind = { SUBMIT: 0, DATA: 1, ACK: 2, REPLY: 3 } as const;

export interface PlanEvent {
  readonly tick: number;
  readonly kind: number;
  /** SUBMIT: index of the operation. DATA: [start, end). ACK: start is the cumulative offset. REPLY: start is the key. */
  readonly start: number;
  readonly end: number;
  /** ACK: pairs of stream offsets. */
  readonly sack: readonly number[];
}

export interface CapturePlan {
  readonly connection: Connection;
  /** Sequence number of stream offset 0. */
  readonly baseSeq: number;
  readonly operations: readonly PlanOperation[];
  readonly events: readonly PlanEvent[];
  /** Stream ranges that were transmitted exactly once: what was on the wire is what was delivered. */
  readonly sentOnce: readonly (readonly [number, number])[];
  readonly streamBytes: number;
  readonly segments: number;
  readonly retransmissions: number;
  readonly acks: number;
  readonly replies: number;
  /** Why the operations are chunks and not calls; empty when they are calls. */
  readonly notRpc: string;
}

/** The plan of one connection: its data sender is the modelled host. */
export function planCapture(connection: Connection): CapturePlan {
  const side = connection.dataSender;
  const sent = segmentsSent(connection, side).filter((s) => s.end > s.start);
  const base = connection.isn[side] >= 0 ? connection.isn[side] + 1 : (sent[0]?.segment.seq ?? 0);
  const offsets = new StreamOffsets(base >>> 0);
  const events: PlanEvent[] = [];
  const times = new Map<number, number>();
  const streamBytes = sent.reduce((max, s) => Math.max(max, s.end), 0);
  for (const s of sent) {
    events.push({
      tick: s.segment.tick,
      kind: EventKind.DATA,
      start: s.start,
      end: s.end,
      sack: [],
    });
    for (
      let page = Math.floor(s.start / PAGE_SIZE);
      page <= Math.floor((s.end - 1) / PAGE_SIZE);
      page++
    ) {
      if (!times.has(page)) times.set(page, s.segment.tick);
    }
  }
  let acks = 0;
  for (const segment of connection.segments) {
    if (segment.from === side || (segment.flags & Flag.ACK) === 0) continue;
    if ((segment.flags & Flag.SYN) !== 0) continue;
    acks++;
    events.push(ackEvent(segment, offsets));
  }
  const rpc = rpcRecords(connection);
  const calls = rpc.exchanges.flatMap((e) => e.copies).filter((c) => c.from === side);
  const notRpc = calls.length > 0 ? '' : rpc.reason || 'no RPC calls in it';
  const operations =
    calls.length > 0 ? callOperations(calls, streamBytes) : chunkOperations(streamBytes);
  const replies = new Map<number, number>();
  for (const exchange of calls.length > 0 ? rpc.exchanges : []) {
    for (const reply of exchange.replies) {
      if (!replies.has(exchange.xid)) replies.set(exchange.xid, reply.tick);
      events.push({
        tick: reply.tick,
        kind: EventKind.REPLY,
        start: exchange.xid,
        end: 0,
        sack: [],
      });
    }
  }
  if (notRpc !== '') {
    const last = connection.segments.at(-1)?.tick ?? 0;
    for (const op of operations)
      events.push({ tick: last, kind: EventKind.REPLY, start: op.key, end: 0, sack: [] });
  }
  submissions(operations, sent, replies, events);
  events.sort((a, b) => a.tick - b.tick || a.kind - b.kind);
  return {
    connection,
    baseSeq: base | 0,
    operations,
    events,
    sentOnce: onceOnly(sent),
    streamBytes,
    segments: sent.length,
    retransmissions: sent.filter((s) => s.retransmission).length,
    acks,
    replies: replies.size,
    notRpc,
  };
}

function ackEvent(segment: Segment, offsets: StreamOffsets): PlanEvent {
  return {
    tick: segment.tick,
    kind: EventKind.ACK,
    start: offsets.of(segment.ack),
    end: 0,
    sack: segment.sack.map((edge) => offsets.of(edge)),
  };
}

/** One operation per copy of a call; whole pages at its end are lent, what is in front of them is copied. */
function callOperations(calls: readonly RpcCall[], streamBytes: number): PlanOperation[] {
  const sorted = [...calls].sort((a, b) => a.start - b.start);
  const operations: PlanOperation[] = [];
  let at = 0;
  const copied = (start: number, end: number): void => {
    if (end > start)
      operations.push({
        start,
        lentFrom: end,
        end,
        key: -1 - operations.length,
        name: 'other bytes',
      });
  };
  for (const call of sorted) {
    copied(at, call.start);
    const lent = Math.floor((call.end - call.start) / PAGE_SIZE) * PAGE_SIZE;
    operations.push({
      start: call.start,
      lentFrom: call.end - lent,
      end: call.end,
      key: call.xid,
      name: `xid 0x${call.xid.toString(16)} copy ${call.copy}`,
    });
    at = call.end;
  }
  copied(at, streamBytes);
  return operations;
}

function chunkOperations(streamBytes: number): PlanOperation[] {
  const operations: PlanOperation[] = [];
  for (let start = 0; start < streamBytes; start += CHUNK_BYTES) {
    const end = Math.min(start + CHUNK_BYTES, streamBytes);
    operations.push({
      start,
      lentFrom: start,
      end,
      key: start / CHUNK_BYTES,
      name: `chunk ${start / CHUNK_BYTES}`,
    });
  }
  return operations;
}

/**
 * When each operation was queued: at the latest when its first byte was sent. A second copy that goes out after
 * the answer to the first must have been queued before that answer came, or it would not have been sent at all.
 */
function submissions(
  operations: readonly PlanOperation[],
  sent: readonly { readonly start: number; readonly end: number; readonly segment: Segment }[],
  replies: ReadonlyMap<number, number>,
  events: PlanEvent[],
): void {
  let latest = Number.MAX_SAFE_INTEGER;
  const ticks = firstSent(operations, sent);
  const queued: number[] = [];
  for (let i = operations.length - 1; i >= 0; i--) {
    const reply = replies.get(operations[i]!.key) ?? Number.MAX_SAFE_INTEGER;
    latest = Math.min(latest, ticks[i]!, reply); // in stream order, never later than what follows
    queued[i] = latest;
  }
  queued.forEach((tick, i) =>
    events.push({ tick, kind: EventKind.SUBMIT, start: i, end: 0, sack: [] }),
  );
}

/** The tick of the first segment that carries a byte of each operation. */
function firstSent(
  operations: readonly PlanOperation[],
  sent: readonly { readonly start: number; readonly end: number; readonly segment: Segment }[],
): number[] {
  const ticks = operations.map(() => Number.MAX_SAFE_INTEGER);
  let i = 0;
  const byStart = [...sent].sort((a, b) => a.start - b.start || a.segment.tick - b.segment.tick);
  for (const s of byStart) {
    while (i < operations.length && operations[i]!.end <= s.start) i++;
    for (let j = i; j < operations.length && operations[j]!.start < s.end; j++) {
      ticks[j] = Math.min(ticks[j]!, s.segment.tick);
    }
  }
  return ticks;
}

/** Ranges that exactly one segment carried. */
function onceOnly(
  sent: readonly { readonly start: number; readonly end: number }[],
): [number, number][] {
  const edges: [number, number][] = [];
  for (const s of sent) edges.push([s.start, 1], [s.end, -1]);
  edges.sort((a, b) => a[0] - b[0]);
  const ranges: [number, number][] = [];
  let depth = 0;
  let from = 0;
  for (const [at, change] of edges) {
    if (depth === 1 && at > from) {
      const last = ranges.at(-1);
      if (last !== undefined && last[1] === from) last[1] = at;
      else ranges.push([from, at]);
    }
    depth += change;
    from = at;
  }
  return ranges;
}
