// Goal: the bytes that one side sent, in order, each from the segment that carried it first.
// Non-goal: guessing what was not captured.
import type { Connection, Side } from './connections.ts';
import { segmentsSent } from './sent.ts';

/** A stream, or the reason why the capture does not hold it. */
export interface Stream {
  /** The stream from offset 0, without a gap; empty if `reason` is not. */
  readonly bytes: Uint8Array;
  /** Why the stream cannot be joined, as one line; '' if it can. */
  readonly reason: string;
  /** When the bytes of [start, end) were captured first. O(log segments + segments in the range) */
  ticks(start: number, end: number): RangeTicks;
}

export interface RangeTicks {
  /** Tick of the earliest segment that carried a byte of the range first. */
  readonly first: number;
  /** Tick of the latest one. */
  readonly last: number;
  /** Tick from which on the range and all bytes before it were there, so that it could be read. */
  readonly readable: number;
}

interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly tick: number;
  readonly frame: number;
  readonly payload: Uint8Array;
  readonly cut: boolean;
}

/** Joins the payload that `side` sent. O(segments log segments + bytes). */
export function joinStream(connection: Connection, side: Side): Stream {
  const chunks = freshChunks(connection, side);
  const reason = reasonAgainst(connection, side, chunks);
  if (reason !== '') return { bytes: new Uint8Array(0), reason, ticks: () => NEVER };

  const bytes = new Uint8Array(chunks.at(-1)?.end ?? 0);
  const readable = new Float64Array(chunks.length);
  let latest = -Infinity;
  for (const [i, chunk] of chunks.entries()) {
    bytes.set(chunk.payload, chunk.start);
    latest = Math.max(latest, chunk.tick);
    readable[i] = latest;
  }
  const ticks = (start: number, end: number): RangeTicks => {
    let first = Infinity;
    let last = -Infinity;
    let i = chunkAt(chunks, start);
    for (; i < chunks.length; i++) {
      const chunk = chunks[i];
      if (chunk === undefined || chunk.start >= end) break;
      first = Math.min(first, chunk.tick);
      last = Math.max(last, chunk.tick);
    }
    return { first, last, readable: readable[i - 1] ?? last };
  };
  return { bytes, reason: '', ticks };
}

const NEVER: RangeTicks = { first: Infinity, last: -Infinity, readable: Infinity };

/** The parts of segments that carry bytes for the first time, in stream order. */
function freshChunks(connection: Connection, side: Side): Chunk[] {
  const parts: { sent: number; start: number; end: number }[] = [];
  const sent = segmentsSent(connection, side, (index, start, end) => {
    parts.push({ sent: index, start, end });
  });
  const chunks: Chunk[] = [];
  for (const part of parts) {
    const from = sent[part.sent];
    if (from === undefined) continue;
    const { tick, frame, payload } = from.segment;
    const piece = payload.subarray(part.start - from.start, part.end - from.start);
    const cut = piece.length < part.end - part.start;
    chunks.push({ start: part.start, end: part.end, tick, frame, payload: piece, cut });
  }
  return chunks.sort((a, b) => a.start - b.start);
}

function reasonAgainst(connection: Connection, side: Side, chunks: readonly Chunk[]): string {
  const sender = side === 0 ? 'client' : 'server';
  if (chunks.length > 0 && connection.isn[side] === -1) {
    return `the ${sender}'s SYN is not in the capture, so its stream has no known start`;
  }
  let end = 0;
  for (const chunk of chunks) {
    if (chunk.start !== end) {
      return `the ${sender}'s bytes from ${end} to ${chunk.start} were never captured`;
    }
    if (chunk.cut) return `the payload of frame ${chunk.frame} was cut by the snap length`;
    end = chunk.end;
  }
  return '';
}

function chunkAt(chunks: readonly Chunk[], offset: number): number {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunks[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
