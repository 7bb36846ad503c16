// Goal: all that a connection's segments say about sequence numbers and time, as columns of numbers, for whoever plays
// it again. Non-goal: payload; window and options that no page lifetime depends on.
import { float64, uint32, uint8 } from './columns.ts';
import type { Connection, Peers, Segment, Side } from './connections.ts';
import { Flow, type RpcEvent } from './flow.ts';
import type { RecordHead } from './rpc-reader.ts';
import { Flag } from './tcp.ts';

/** A clock that goes back by more was set; by less, frames were written out of order. */
const CLOCK_SET_TICKS = 1_000_000;

/** The segments of one connection, in capture order. */
export class FlowLog {
  readonly peers: Peers;
  readonly flow: Flow;
  /** Ticks since the first segment, in which a clock that was set back goes on. */
  readonly ticks = float64();
  readonly from = uint8();
  /** Payload [start, end) in the stream of `from`. */
  readonly starts = float64();
  readonly ends = float64();
  /** Bytes of it that no earlier segment carried. */
  readonly firstBytes = float64();
  /** Cumulative ACK in the other stream; NaN: none. */
  readonly acks = float64();
  /** SACK edges of segment i: `sackEdges` from `sackAt(i)` to `sackAt(i + 1)`. */
  readonly sackAt = uint32();
  readonly sackEdges = float64();
  /** True for a segment with SYN: its ACK answers no data. */
  readonly syn = uint8();
  /** Number of the first segment with FIN of each side; -1: that side did not close. */
  readonly closed: [client: number, server: number] = [-1, -1];
  /** Copies of calls and replies, each with the number of the segment that made it whole. */
  readonly rpc: (RpcEvent & { readonly segment: number })[] = [];
  /** Packets with data that were captured twice, each driven once; by side. */
  readonly copies: [client: number, server: number] = [0, 0];
  /** How often the clock went back. */
  clockSets = 0;
  private shift = 0;
  private latest = -Infinity;

  constructor(peers: Peers) {
    this.peers = peers;
    this.flow = new Flow({ rpc: (event) => this.rpc.push({ ...event, segment: this.length }) });
    this.sackAt.push(0);
  }

  get length(): number {
    return this.ticks.length;
  }

  add(segment: Segment): void {
    if (segment.copy) {
      if (segment.length > 0) this.copies[segment.from]++;
      return;
    }
    let tick = segment.tick + this.shift;
    if (tick < this.latest - CLOCK_SET_TICKS) {
      this.clockSets++;
      this.shift += this.latest - tick;
      tick = this.latest;
    }
    if (tick > this.latest) this.latest = tick;
    const placed = this.flow.add(segment, tick);
    if ((segment.flags & Flag.FIN) !== 0 && this.closed[segment.from] < 0)
      this.closed[segment.from] = this.length;
    this.ticks.push(tick);
    this.from.push(segment.from);
    this.starts.push(placed.start);
    this.ends.push(placed.end);
    this.firstBytes.push(placed.firstBytes);
    this.acks.push(placed.ack);
    this.syn.push((segment.flags & Flag.SYN) !== 0 ? 1 : 0);
    for (const edge of placed.sack) this.sackEdges.push(edge);
    this.sackAt.push(this.sackEdges.length);
  }

  /** The capture is over. */
  finish(): this {
    this.flow.finish();
    return this;
  }

  /** Calls or replies of one side whose end is not in the capture. */
  open(side: Side): RecordHead[] {
    return this.flow.open(side);
  }
}

/** The log of a connection that is in memory. */
export function logOf(connection: Connection): FlowLog {
  const log = new FlowLog(connection);
  for (const segment of connection.segments) log.add(segment);
  return log.finish();
}
