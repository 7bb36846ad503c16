// When each operation was queued, each segment sent, each ACK and reply taken, and what that proves about what came before.
import { RangeSet, type FlowLog, type Side } from '@lastref/capture';
import { Carriers } from './carriers.ts';
import { EventKind, EventList } from './events.ts';
import type { PlanOperation } from './operations.ts';
import type { StreamMap } from './stream-map.ts';

/** Where more was never acknowledged, as in a capture of one direction, the rest is not driven. */
const UNACKED_BYTES_MAX = 512 * 1024 * 1024;

/** What answers an operation. */
export interface Reply {
  readonly id: number;
  readonly tick: number;
  /** Number of the segment that made it whole. */
  readonly segment: number;
}

export function isAck(log: FlowLog, side: Side, i: number): boolean {
  return log.from.at(i) !== side && log.syn.at(i) === 0 && !Number.isNaN(log.acks.at(i));
}

/**
 * All events in order of time, and of the file where times are equal. Whoever acknowledges bytes or answers a call has
 * them, so the device had read them: at least as they were sent first, as it reads in order. A block below the
 * cumulative ACK says that they arrived a second time (RFC 2883).
 */
export function eventsOf(
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
