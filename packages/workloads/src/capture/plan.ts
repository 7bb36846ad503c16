// From a capture to a plan: which operations the sender had, when it queued each, when each segment went, what
// the other end acknowledged and answered, and what each of these proves about what came before.
import { RangeSet, type FlowLog, type RecordHead, type Side } from '@lastref/capture';
import { PAGE_SIZE } from '@lastref/kernel';
import { EventKind, EventList } from './events.ts';
import { StreamMap } from './stream-map.ts';

/** Bytes per operation where the capture does not decode as RPC. */
export const CHUNK_BYTES = 65536;

/** Bytes of an operation that were carried together: from `start` on, at byte `into` of what is lent. */
export interface PlanPiece {
  readonly start: number;
  readonly end: number;
  readonly into: number;
}

/** Page frames of one machine: their addresses have 31 bits, and heads need some. */
const FRAMES_MAX = 400_000;
/** Where more was never acknowledged, as in a capture of one direction, the rest is not driven. */
const UNACKED_BYTES_MAX = 512 * 1024 * 1024;

/** A contiguous piece of the sender's stream that one producer's operation fills. */
export interface PlanOperation {
  /** Offsets of carried bytes: [start, lentFrom) is copied, [lentFrom, end) is lent. */
  readonly start: number;
  readonly lentFrom: number;
  readonly end: number;
  /** Where parts of what is lent were not captured, those that were; null: all of it. */
  readonly pieces: readonly PlanPiece[] | null;
  /** Operations with the same key are transmissions of one call: they lend the same pages. */
  readonly key: number;
  /** What a report calls it. */
  readonly name: string;
}

/** What the operations are. */
export type PlanUnit = 'calls' | 'replies' | 'chunks';

export interface CapturePlan {
  /** Number of the connection in the capture, who talks with whom, and which side is modelled. */
  readonly flow: number;
  readonly client: string;
  readonly server: string;
  readonly side: Side;
  readonly operations: readonly PlanOperation[];
  readonly events: EventList;
  /** Ranges of carried bytes that were transmitted exactly once: what was on the wire is what was delivered. */
  readonly sentOnce: readonly (readonly [number, number])[];
  readonly streamBytes: number;
  /** How many of them the events reach: all, unless too much stays without an ACK. */
  readonly drivenBytes: number;
  /** Bytes of the stream that the capture lacks. */
  readonly unseenBytes: number;
  readonly segments: number;
  readonly retransmissions: number;
  /** Transmissions of what had been acknowledged before: nothing holds it any more, so they are left out. */
  readonly late: number;
  /** Packets that the capture has twice, from two interfaces: sent once. */
  readonly twice: number;
  readonly acks: number;
  /** Calls of this side, each counted once, and those of them with an answer. */
  readonly calls: number;
  readonly replies: number;
  readonly unit: PlanUnit;
  /** How often each operation is transmitted, where that is more than once; by key. */
  readonly copies: ReadonlyMap<number, number>;
  /** Pages that can be lent at once: more than any design needs that tells at all. */
  readonly lentPagesMax: number;
  /** Page frames that the machine needs. */
  readonly frames: number;
  /** Operations that the capture's end left open. */
  readonly open: number;
  /** Why no reply can be judged; empty when they can. */
  readonly noReplies: string;
  /** What of the records of this connection could not be read, one line each. */
  readonly unread: readonly string[];
}

/**
 * The plan of one connection. Its modelled host is the side whose data go in whole pages: the caller for WRITE, the
 * other side for READ; without RPC the side that sent more. `wanted` names another.
 */
export function planCapture(log: FlowLog, wanted: Side | null = null): CapturePlan {
  const side = wanted ?? sideOf(log);
  const sender = log.flow.senders[side];
  const map = new StreamMap(sender.seen.list());
  const { isRpc } = log.flow;
  const records = isRpc ? recordsOf(log, side) : [];
  const calls = records.filter(({ head }) => head.call);
  const unit: PlanUnit = calls.some(lends)
    ? 'calls'
    : records.some(lends)
      ? 'replies'
      : calls.length > 0
        ? 'calls'
        : 'chunks';
  const operations =
    unit === 'chunks' ? chunkOperations(map) : recordOperations(records, unit, map);
  const close = isRpc ? -1 : closeOf(log, side);
  const replies =
    unit === 'calls' ? repliesTo(log, side) : close < 0 ? [] : repliedBy(log, close, operations);
  const answered = new Map<number, number>();
  for (const { id, tick } of replies) if (!answered.has(id)) answered.set(id, tick);
  const { events, drivenBytes } = eventsOf(log, side, map, operations, replies, answered);
  const { ids, open } = openOf(operations, answered, unit, sender.acked, map);
  const pages = operations.reduce(
    (n, op) => n + Math.ceil((op.end - op.lentFrom) / PAGE_SIZE) + 1,
    0,
  );
  const frames = Math.min(FRAMES_MAX, 2 * pages + 1024);
  return {
    copies: copiesOf(operations),
    lentPagesMax: (frames - 1024) >> 1,
    frames,
    flow: log.peers.id,
    client: endpoint(log.peers.client),
    server: endpoint(log.peers.server),
    side,
    operations,
    events,
    sentOnce: onceOnly(sender.seen, sender.again, map),
    streamBytes: map.bytes,
    drivenBytes,
    unseenBytes: sender.unseenBytes,
    segments: sender.dataSegments,
    retransmissions: sender.retransmissions,
    late: sender.afterAck,
    twice: log.copies[side],
    acks: acksOf(log, side),
    calls: ids,
    replies: unit === 'calls' ? answered.size : 0,
    unit,
    open,
    noReplies: close < 0 ? whyNoReplies(log, side, unit, answered.size) : '',
    unread: isRpc ? unreadOf(log) : [],
  };
}

interface Record {
  readonly head: RecordHead;
  readonly id: number;
  readonly copy: number;
}

/** The calls and replies of one side in stream order; a last one without its end is among them. */
function recordsOf(log: FlowLog, side: Side): Record[] {
  const records: Record[] = log.rpc.filter(({ from }) => from === side);
  let open = -1;
  for (const head of log.open(side)) records.push({ head, id: open--, copy: 1 });
  return records.sort((a, b) => a.head.start - b.head.start);
}

function lends({ head }: Record): boolean {
  return head.end - head.start >= PAGE_SIZE;
}

interface Reply {
  readonly id: number;
  readonly tick: number;
  /** Number of the segment that made it whole. */
  readonly segment: number;
}

function repliesTo(log: FlowLog, side: Side): Reply[] {
  return log.rpc.filter(({ head, from, id }) => !head.call && from !== side && id >= 0);
}

/**
 * The segment by which the other side closed after it had acknowledged all that this side ever sent; -1: there is none.
 * Where that is all that it ever said, it is the answer: its application has no more to send. A FIN in front of data is
 * half of a connection that closes; an RST or the end of the file says nothing; and where the other side has sent
 * bytes, they may be answers that cannot be read here.
 */
function closeOf(log: FlowLog, side: Side): number {
  const other = side === 0 ? 1 : 0;
  const close = log.closed[other];
  const { end } = log.flow.senders[side];
  if (close < 0 || end === 0 || hasSent(log, other)) return -1;
  for (let i = close; i >= 0; i--) if (isAck(log, side, i) && log.acks.at(i) >= end) return close;
  return -1;
}

function hasSent(log: FlowLog, side: Side): boolean {
  const { payloadBytes, unseenBytes } = log.flow.senders[side];
  return payloadBytes + unseenBytes > 0;
}

/** The close of the other side answers every operation. */
function repliedBy(log: FlowLog, segment: number, operations: readonly PlanOperation[]): Reply[] {
  const tick = log.ticks.at(segment);
  return operations.filter(({ key }) => key >= 0).map(({ key }) => ({ id: key, tick, segment }));
}

/** The side whose records carry more whole pages, or who sent more. */
function sideOf(log: FlowLog): Side {
  const { senders } = log.flow;
  if (log.flow.isRpc) {
    const pages = [0, 0];
    const calls = [0, 0];
    for (const { head, from } of log.rpc) {
      pages[from]! += Math.floor((head.end - head.start) / PAGE_SIZE);
      if (head.call) calls[from]!++;
    }
    if (pages[0] !== pages[1]) return pages[1]! > pages[0]! ? 1 : 0;
    if (calls[0] !== calls[1]) return calls[1]! > calls[0]! ? 1 : 0;
  }
  return senders[1].payloadBytes > senders[0].payloadBytes ? 1 : 0;
}

function whyNoReplies(log: FlowLog, side: Side, unit: PlanUnit, answered: number): string {
  if (unit === 'replies') return 'the data go in replies, which nobody answers';
  if (unit === 'calls') return answered === 0 ? 'no reply to any call is in the capture' : '';
  if (log.flow.isRpc) return 'no RPC call of this side could be read';
  if (log.flow.isIllegible(side)) return 'the snap length leaves too little of it to read RPC';
  return hasSent(log, side === 0 ? 1 : 0)
    ? 'no RPC was read in it, and what the other side sent may be answers'
    : 'no RPC was read in it, and the other side is not seen to close after it had all';
}

function unreadOf(log: FlowLog): string[] {
  const lines: string[] = [];
  for (const side of [0, 1] as const) {
    const sums = new Map<string, { bytes: number; parts: number }>();
    for (const { from, to, why } of log.flow.unread(side)) {
      const sum = sums.get(why) ?? { bytes: 0, parts: 0 };
      sums.set(why, { bytes: sum.bytes + to - from, parts: sum.parts + 1 });
    }
    const who = side === 0 ? 'client' : 'server';
    for (const [why, { bytes, parts }] of sums)
      lines.push(
        `RPC of the ${who}: ${bytes} bytes in ${parts} part${parts === 1 ? '' : 's'} not read: ${why}`,
      );
  }
  const { strayReplies } = log.flow.match;
  if (strayReplies > 0) lines.push(`RPC: ${strayReplies} replies to calls that were not read`);
  return lines;
}

/** One operation per record; whole pages at its end are lent, what is in front of them is copied. */
function recordOperations(
  records: readonly Record[],
  unit: PlanUnit,
  map: StreamMap,
): PlanOperation[] {
  const operations: PlanOperation[] = [];
  let at = 0;
  let other = -1;
  const copied = (start: number, end: number): void => {
    if (end > start)
      operations.push({
        start,
        lentFrom: end,
        end,
        pieces: null,
        key: other--,
        name: 'other bytes',
      });
  };
  let open = 2 ** 40;
  for (const { head, id, copy } of records) {
    if (head.call !== (unit === 'calls')) continue;
    const start = map.of(head.start);
    const end = map.of(head.end);
    if (start < at || end === start) continue; // it was read again, or nothing of it was captured
    copied(at, start);
    const size = head.end - head.start;
    const lentFrom = head.end - Math.floor(size / PAGE_SIZE) * PAGE_SIZE;
    const xid = `xid 0x${head.xid.toString(16)}`;
    operations.push({
      start,
      lentFrom: map.of(lentFrom),
      end,
      pieces: end - start === size ? null : piecesOf(map, lentFrom, head.end),
      // Each reply lends pages of its own; a call that is not whole is nobody's copy.
      key: unit === 'calls' && id >= 0 ? id : open++,
      name: unit === 'calls' ? `${xid} copy ${copy}` : `reply to ${xid}`,
    });
    at = end;
  }
  copied(at, map.bytes);
  return operations;
}

function piecesOf(map: StreamMap, lentFrom: number, end: number): PlanPiece[] {
  return Array.from(map.parts(lentFrom, end), ([a, b]) => ({
    start: map.of(a),
    end: map.of(a) + b - a,
    into: a - lentFrom,
  }));
}

/** Operations of 64 KiB; none spans bytes that were not captured. */
function chunkOperations(map: StreamMap): PlanOperation[] {
  const operations: PlanOperation[] = [];
  for (const [from, to] of map.parts(-Infinity, Infinity)) {
    for (let offset = from; offset < to;) {
      const next = Math.min(to, (Math.floor(offset / CHUNK_BYTES) + 1) * CHUNK_BYTES);
      const start = map.of(offset);
      const end = start + next - offset;
      const key = operations.length;
      operations.push({ start, lentFrom: start, end, pieces: null, key, name: `chunk ${key}` });
      offset = next;
    }
  }
  return operations;
}

function copiesOf(operations: readonly PlanOperation[]): Map<number, number> {
  const copies = new Map<number, number>();
  const once = new Set<number>();
  for (const { key } of operations) {
    if (once.has(key)) copies.set(key, (copies.get(key) ?? 1) + 1);
    else once.add(key);
  }
  return copies;
}

function openOf(
  operations: readonly PlanOperation[],
  answered: ReadonlyMap<number, number>,
  unit: PlanUnit,
  acked: number,
  map: StreamMap,
): { ids: number; open: number } {
  const keys = new Set<number>();
  const open = new Set<number>();
  const una = map.of(acked);
  for (const { key, end } of operations) {
    if (key < 0) continue;
    keys.add(key);
    if (unit === 'calls' ? !answered.has(key) : end > una) open.add(key);
  }
  return { ids: unit === 'calls' ? keys.size : 0, open: open.size };
}

function acksOf(log: FlowLog, side: Side): number {
  let acks = 0;
  for (let i = 0; i < log.length; i++) if (isAck(log, side, i)) acks++;
  return acks;
}

function isAck(log: FlowLog, side: Side, i: number): boolean {
  return log.from.at(i) !== side && log.syn.at(i) === 0 && !Number.isNaN(log.acks.at(i));
}

/** Which DATA events put each byte on the wire for the first or the second time, by offset of carried bytes. */
class Carriers {
  private readonly proven = new RangeSet();
  private readonly all: { readonly start: number; readonly end: number; readonly data: number }[] =
    [];

  add(start: number, end: number, data: number): void {
    this.all.push({ start, end, data });
  }

  sort(): void {
    this.all.sort((a, b) => a.start - b.start);
  }

  /** [start, end) has arrived: the highest of the DATA events below `sent` that carried any of it, plus 1. */
  arrived(start: number, end: number, sent: number): number {
    let proves = 0;
    if (end <= start) return 0;
    this.proven.add(start, end, (from, to) => {
      for (let i = this.firstBehind(from); i < this.all.length && this.all[i]!.start < to; i++) {
        const { data } = this.all[i]!;
        if (data < sent && data >= proves) proves = data + 1;
      }
    });
    return proves;
  }

  /** The first that ends behind `offset`. */
  private firstBehind(offset: number): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.all[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * All events in order of time, and of the file where times are equal. Whoever acknowledges bytes or answers a call has
 * them, so the device had read them: at least as they were sent first, as it reads in order. A block below the
 * cumulative ACK says that they arrived a second time (RFC 2883).
 */
function eventsOf(
  log: FlowLog,
  side: Side,
  map: StreamMap,
  operations: readonly PlanOperation[],
  replies: readonly Reply[],
  answered: ReadonlyMap<number, number>,
): { events: EventList; drivenBytes: number } {
  const order = orderOf(log);
  const first = new Carriers();
  const second = new Carriers();
  const once = new RangeSet();
  const twice = new RangeSet();
  const queued = operations.map(() => Infinity);
  let data = 0;
  for (const i of order) {
    if (log.from.at(i) !== side || log.ends.at(i) === log.starts.at(i)) continue;
    const [start, end] = [map.of(log.starts.at(i)), map.of(log.ends.at(i))];
    once.intersect(start, end, twice, (from, to) => second.add(from, to, data));
    once.add(start, end, (from, to) => first.add(from, to, data));
    for (let op = operationAt(operations, start); op < operations.length; op++) {
      if (operations[op]!.start >= end) break;
      if (log.ticks.at(i) < queued[op]!) queued[op] = log.ticks.at(i);
    }
    data++;
  }
  first.sort();
  second.sort();
  queuedBefore(queued, operations, answered);
  const spans = spansOf(operations);

  const events = new EventList();
  let submitted = 0;
  let sent = 0;
  let una = 0;
  let proven = 0;
  const submit = (until: number): void => {
    for (; submitted < operations.length && queued[submitted]! <= until; submitted++) {
      const tick = queued[submitted]!;
      events.push({ tick, kind: EventKind.SUBMIT, start: submitted, end: 0, proves: 0, sack: [] });
    }
  };
  const bySegment = grouped(replies);
  const reply = (segment: number): void => {
    for (const { id, tick } of bySegment.get(segment) ?? []) {
      submit(tick);
      const span = spans.get(id);
      if (span === undefined) continue;
      proven = Math.max(proven, first.arrived(span[0], span[1], sent));
      events.push({ tick, kind: EventKind.REPLY, start: id, end: 0, proves: proven, sack: [] });
    }
  };
  for (const i of order) {
    const tick = log.ticks.at(i);
    submit(tick);
    if (log.from.at(i) === side) {
      const [start, end] = [map.of(log.starts.at(i)), map.of(log.ends.at(i))];
      if (end - una > UNACKED_BYTES_MAX) return { events, drivenBytes: start };
      if (end > start) {
        events.push({ tick, kind: EventKind.DATA, start, end, proves: 0, sack: [] });
        sent++;
      }
    } else if (isAck(log, side, i)) {
      const ack = map.of(log.acks.at(i));
      proven = Math.max(proven, first.arrived(una, ack, sent));
      const sack: number[] = [];
      for (let at = log.sackAt.at(i); at + 1 < log.sackAt.at(i + 1); at += 2) {
        const [from, to] = [map.of(log.sackEdges.at(at)), map.of(log.sackEdges.at(at + 1))];
        if (to <= from) continue;
        sack.push(from, to);
        const copies = to <= Math.max(una, ack) ? second : first;
        proven = Math.max(proven, copies.arrived(from, to, sent));
      }
      una = Math.max(una, ack);
      events.push({ tick, kind: EventKind.ACK, start: ack, end: 0, proves: proven, sack });
    }
    reply(i);
  }
  reply(log.length); // what the end of the capture gave up waiting for
  return { events, drivenBytes: map.bytes };
}

function grouped(replies: readonly Reply[]): Map<number, Reply[]> {
  const groups = new Map<number, Reply[]>();
  for (const reply of replies) {
    const group = groups.get(reply.segment);
    if (group === undefined) groups.set(reply.segment, [reply]);
    else group.push(reply);
  }
  return groups;
}

/** Segment numbers in order of time; as they stand in the file where times are equal. */
function orderOf(log: FlowLog): Uint32Array | number[] {
  const order = Uint32Array.from({ length: log.length }, (_, i) => i);
  for (let i = 1; i < log.length; i++) {
    if (log.ticks.at(i) < log.ticks.at(i - 1)) {
      return Array.from(order).sort((a, b) => log.ticks.at(a) - log.ticks.at(b) || a - b);
    }
  }
  return order;
}

/** The first operation that ends behind `offset`. */
function operationAt(operations: readonly PlanOperation[], offset: number): number {
  let low = 0;
  let high = operations.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (operations[middle]!.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From each call's number to the bytes of its first copy. */
function spansOf(operations: readonly PlanOperation[]): Map<number, readonly [number, number]> {
  const spans = new Map<number, readonly [number, number]>();
  for (const { key, start, end } of operations) if (!spans.has(key)) spans.set(key, [start, end]);
  return spans;
}

/**
 * When each operation was queued: at the latest when its first byte was sent. A second copy that goes out after
 * the answer to the first must have been queued before that answer came, or it would not have been sent at all.
 */
function queuedBefore(
  queued: number[],
  operations: readonly PlanOperation[],
  answered: ReadonlyMap<number, number>,
): void {
  let latest = Infinity;
  for (let i = operations.length - 1; i >= 0; i--) {
    const reply = answered.get(operations[i]!.key) ?? Infinity;
    latest = Math.min(latest, queued[i]!, reply); // in stream order, never later than what follows
    queued[i] = latest;
  }
}

/** Ranges of carried bytes that exactly one segment carried. */
function onceOnly(seen: RangeSet, again: RangeSet, map: StreamMap): [number, number][] {
  const ranges: [number, number][] = [];
  const repeated = again.list();
  let r = 0;
  const add = (from: number, to: number): void => {
    if (to <= from) return;
    const [start, end] = [map.of(from), map.of(from) + to - from];
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === start) last[1] = end;
    else ranges.push([start, end]);
  };
  for (const [start, end] of seen.list()) {
    let at = start;
    for (; r < repeated.length && repeated[r]![0] < end; r++) {
      add(at, repeated[r]![0]);
      at = repeated[r]![1];
    }
    add(at, end);
  }
  return ranges;
}

/** `address:port`, the address of IPv6 in brackets. */
export function endpoint({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
