// Goal: bytes that one side sent, each from the segment that carried it first.
// Non-goal: guessing what was not captured.
import type { Connection, Side } from './connections.ts';
import { segmentsSent } from './sent.ts';

interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly payload: Uint8Array;
}

/** The payload that one side of a connection in memory sent. O(segments log segments) to make. */
export class StreamBytes {
  private readonly chunks: readonly Chunk[];

  constructor(connection: Connection, side: Side) {
    const parts: { sent: number; start: number; end: number }[] = [];
    const sent = segmentsSent(connection, side, (index, start, end) => {
      parts.push({ sent: index, start, end });
    });
    this.chunks = parts
      .map(({ sent: index, start, end }) => {
        const from = sent[index]!;
        const payload = from.segment.payload.subarray(start - from.start, end - from.start);
        return { start, end, payload };
      })
      .sort((a, b) => a.start - b.start);
  }

  /** The bytes of [start, end), as far as they were captured without a gap. */
  range(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, this.reach(start, end) - start));
    for (let i = this.at(start); i < this.chunks.length; i++) {
      const chunk = this.chunks[i]!;
      if (chunk.start >= start + bytes.length) break;
      const into = Math.max(start, chunk.start);
      const part = chunk.payload.subarray(into - chunk.start, start + bytes.length - chunk.start);
      bytes.set(part, into - start);
    }
    return bytes;
  }

  /** Up to where the bytes from `start` on are there. */
  private reach(start: number, end: number): number {
    let to = start;
    for (let i = this.at(start); i < this.chunks.length; i++) {
      const chunk = this.chunks[i]!;
      if (chunk.start > to || to >= end) break;
      to = chunk.start + chunk.payload.length;
      if (to < chunk.end) break;
    }
    return Math.min(to, end);
  }

  private at(offset: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.chunks[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
