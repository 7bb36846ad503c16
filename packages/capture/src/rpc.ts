// Goal: ONC RPC (RFC 5531) over TCP in a connection that is in memory: when each call was sent, sent again and
// answered, with the bytes of every copy. Non-goal: what the procedures mean, and calls over UDP.
import type { Connection, Side } from './connections.ts';
import { Flow, type RpcEvent } from './flow.ts';
import { StreamBytes } from './stream.ts';
import type { RecordHead, Unread } from './rpc-reader.ts';

/** One copy of a call, as its client sent it. */
export interface RpcCall {
  readonly xid: number;
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  /** The side that called. */
  readonly from: Side;
  /** 1 for the first copy, 2 for the first repetition, … */
  readonly copy: number;
  /** Stream offsets [start, end) with record marks; 0 is the byte after the SYN. */
  readonly start: number;
  readonly end: number;
  /** Tick of the first segment that carried bytes of it for the first time. */
  readonly firstTick: number;
  /** Tick from which on all of it, and all before it, had been captured. */
  readonly lastTick: number;
  /** The call without its record marks, from the xid on; what was not captured is left out. */
  readonly bytes: Uint8Array;
}

/** One reply. */
export interface RpcReply {
  readonly xid: number;
  /** The side that replied. */
  readonly from: Side;
  readonly start: number;
  readonly end: number;
  /** Tick at which the reply was complete: all of it, and all before it, had been captured. */
  readonly tick: number;
  /** The copy of the call that it is taken to answer: the n-th reply goes to the n-th copy. */
  readonly copy: number;
}

/** One call with all its copies and replies. */
export interface RpcExchange {
  /** Its number in the connection: an xid may be used again. */
  readonly id: number;
  readonly xid: number;
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  /** At least one, in stream order. */
  readonly copies: readonly RpcCall[];
  /** None if the capture ends before the answer. */
  readonly replies: readonly RpcReply[];
}

/** A part of a stream that was not read. */
export interface UnreadPart {
  readonly side: Side;
  readonly from: number;
  readonly to: number;
  readonly why: Unread;
}

export interface RpcTrace {
  /** In order of their first copy. */
  readonly exchanges: readonly RpcExchange[];
  /** Replies to calls that are not in the capture. */
  readonly strayReplies: readonly RpcReply[];
  /** Bytes of client and server after their last whole record. */
  readonly unfinishedBytes: readonly [number, number];
  /** What was not read, and why. */
  readonly unread: readonly UnreadPart[];
}

/** Reads the RPC calls and replies of a connection, in both directions, as far as they can be read. O(bytes). */
export function rpcRecords(connection: Connection): RpcTrace {
  type Open = RpcExchange & { copies: RpcCall[]; replies: RpcReply[] };
  const exchanges: Open[] = [];
  const strayReplies: RpcReply[] = [];
  const streams = [new StreamBytes(connection, 0), new StreamBytes(connection, 1)] as const;
  const rpc = ({ head, from, id, copy, tick }: RpcEvent): void => {
    const { xid, program, version, procedure, start, end, firstTick } = head;
    if (head.call) {
      exchanges[id] ??= { id, xid, program, version, procedure, copies: [], replies: [] };
      const bytes = message(streams[from], head);
      exchanges[id].copies.push({
        xid,
        program,
        version,
        procedure,
        from,
        copy,
        start,
        end,
        firstTick,
        lastTick: tick,
        bytes,
      });
    } else {
      const reply = { xid, from, start, end, tick, copy };
      if (id < 0) strayReplies.push(reply);
      else exchanges[id]!.replies.push(reply);
    }
  };
  const flow = new Flow({ rpc });
  for (const segment of connection.segments) flow.add(segment);
  flow.finish();
  const unread = ([0, 1] as const).flatMap((side) =>
    flow.unread(side).map((part) => ({ side, ...part })),
  );
  const unfinished = ([0, 1] as const).map((side) => {
    const { reader, end, pending } = flow.senders[side];
    if (reader === null) return 0;
    return end - (pending[0]?.start ?? Math.min(end, reader.readTo));
  });
  exchanges.sort((a, b) => a.copies[0]!.firstTick - b.copies[0]!.firstTick);
  return { exchanges, strayReplies, unfinishedBytes: [unfinished[0]!, unfinished[1]!], unread };
}

/** The bytes of a record without its marks. */
function message(stream: StreamBytes, { start, end }: RecordHead): Uint8Array {
  const bytes = stream.range(start, end);
  const parts: Uint8Array[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length =
      (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]! | ((bytes[at]! & 0x7f) << 24);
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (parts.length === 1) return parts[0]!;
  const joined = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
