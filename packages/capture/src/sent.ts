// Goal: which bytes each data segment carries for the first time and which ones again, judged by
// sequence numbers alone. Non-goal: why it was resent (analysis.ts).
import type { Connection, Segment, Side } from './connections.ts';
import { RangeSet, StreamOffsets, plus } from './sequence.ts';
import { Flag } from './tcp.ts';

/** A segment with payload, placed in its sender's stream. */
export interface SentSegment {
  /** Index in `Connection.segments`. */
  readonly index: number;
  readonly segment: Segment;
  /** Stream offsets [start, end); 0 is the byte after the SYN, or the first byte seen without one. */
  readonly start: number;
  readonly end: number;
  /** Bytes that no earlier segment of the capture carried. */
  readonly firstBytes: number;
  /** Bytes that an earlier segment carried: `end - start - firstBytes`. */
  readonly repeatedBytes: number;
  /** True if it carries any byte again, even beside new ones. */
  readonly retransmission: boolean;
}

/**
 * The data segments of one side in capture order. O(segments). At the receiving end, a segment that
 * fills a hole counts as a first transmission: its first copy never arrived there.
 *
 * @param fresh is told of the parts of each segment that are new, in stream offsets.
 */
export function segmentsSent(
  connection: Connection,
  side: Side,
  fresh?: (sent: number, start: number, end: number) => void,
): SentSegment[] {
  const sent: SentSegment[] = [];
  const seen = new RangeSet();
  const note = fresh && ((start: number, end: number) => fresh(sent.length, start, end));
  let offsets: StreamOffsets | undefined;
  for (const [index, segment] of connection.segments.entries()) {
    if (segment.from !== side || segment.length === 0) continue;
    // A SYN takes a sequence number of its own, before its payload.
    const seq = (segment.flags & Flag.SYN) !== 0 ? plus(segment.seq, 1) : segment.seq;
    offsets ??= new StreamOffsets(
      connection.isn[side] === -1 ? seq : plus(connection.isn[side], 1),
    );
    const start = offsets.of(seq);
    const end = start + segment.length;
    const firstBytes = seen.add(start, end, note);
    const repeatedBytes = segment.length - firstBytes;
    sent.push({
      index,
      segment,
      start,
      end,
      firstBytes,
      repeatedBytes,
      retransmission: repeatedBytes > 0,
    });
  }
  return sent;
}
