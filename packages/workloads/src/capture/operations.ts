// Which operations the sender of a capture had: its calls or replies, or pieces of its stream where nobody can read those.
import type { FlowLog, RecordHead, Side } from '@lastref/capture';
import { PAGE_SIZE } from '@lastref/kernel';
import type { StreamMap } from './stream-map.ts';

/** Bytes per operation where the capture does not decode as RPC. */
export const CHUNK_BYTES = 65536;

/** Bytes of an operation that were carried together: from `start` on, at byte `into` of what is lent. */
export interface PlanPiece {
  readonly start: number;
  readonly end: number;
  readonly into: number;
}

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

interface CaptureRecord {
  readonly head: RecordHead;
  readonly id: number;
  readonly copy: number;
}

/** The calls and replies of one side in stream order; a last one without its end is among them. */
export function recordsOf(log: FlowLog, side: Side): CaptureRecord[] {
  const records: CaptureRecord[] = log.rpc.filter(({ from }) => from === side);
  let open = -1;
  for (const head of log.open(side)) records.push({ head, id: open--, copy: 1 });
  return records.sort((a, b) => a.head.start - b.head.start);
}

export function lends({ head }: CaptureRecord): boolean {
  return head.end - head.start >= PAGE_SIZE;
}

/** One operation per record; whole pages at its end are lent, what is in front of them is copied. */
export function recordOperations(
  records: readonly CaptureRecord[],
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
export function chunkOperations(map: StreamMap): PlanOperation[] {
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

export function copiesOf(operations: readonly PlanOperation[]): Map<number, number> {
  const copies = new Map<number, number>();
  const once = new Set<number>();
  for (const { key } of operations) {
    if (once.has(key)) copies.set(key, (copies.get(key) ?? 1) + 1);
    else once.add(key);
  }
  return copies;
}

export function openOf(
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
