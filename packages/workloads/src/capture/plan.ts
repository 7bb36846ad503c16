// From a capture to a plan: which operations the sender had, when it queued each, when each segment went, what
// the other end acknowledged and answered, and what each of these proves about what came before.
import type { FlowLog, RangeSet, Side } from '@lastref/capture';
import { PAGE_SIZE } from '@lastref/kernel';
import type { EventList } from './events.ts';
import {
  chunkOperations,
  copiesOf,
  lends,
  openOf,
  recordOperations,
  recordsOf,
  type PlanOperation,
  type PlanUnit,
} from './operations.ts';
import { eventsOf, isAck, type Reply } from './plan-events.ts';
import { StreamMap } from './stream-map.ts';

/** Page frames of one machine: their addresses have 31 bits, and heads need some. */
const FRAMES_MAX = 400_000;

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
        `RPC of the ${who}: ${bytes} byte${bytes === 1 ? '' : 's'} in ${parts} part${parts === 1 ? '' : 's'} not read: ${why}`,
      );
  }
  const { strayReplies } = log.flow.match;
  if (strayReplies > 0)
    lines.push(
      `RPC: ${strayReplies} ${strayReplies === 1 ? 'reply' : 'replies'} to calls that were not read`,
    );
  return lines;
}

function acksOf(log: FlowLog, side: Side): number {
  let acks = 0;
  for (let i = 0; i < log.length; i++) if (isAck(log, side, i)) acks++;
  return acks;
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
