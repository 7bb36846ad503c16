// Goal: ONC RPC (RFC 5531) over TCP: when each call was sent, sent again and answered, with the
// bytes of every copy. Non-goal: what the procedures mean, and calls over UDP.
import { be32 } from './bytes.ts';
import type { Connection, Side } from './connections.ts';
import { joinStream, type Stream } from './stream.ts';

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
  /** Tick of the first and of the last segment that carried bytes of it for the first time. */
  readonly firstTick: number;
  readonly lastTick: number;
  /** The call without its record marks, from the xid on. */
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
  readonly xid: number;
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  /** At least one, in stream order. */
  readonly copies: readonly RpcCall[];
  /** None if the capture ends before the answer. */
  readonly replies: readonly RpcReply[];
}

export interface RpcTrace {
  /** In order of their first copy; empty if `reason` is not. */
  readonly exchanges: readonly RpcExchange[];
  /** Replies to calls that are not in the capture. */
  readonly strayReplies: readonly RpcReply[];
  /** Bytes of client and server after their last whole record. */
  readonly unfinishedBytes: readonly [number, number];
  /** Why nothing was read, as one line; '' if it was. */
  readonly reason: string;
}

const CALL = 0;
const REPLY = 1;
const RPC_VERSION = 2;
const CALL_BYTES_MIN = 40; // six words, then two empty opaque_auth
const REPLY_BYTES_MIN = 12;
const LAST_FRAGMENT = 0x80000000;
/** Longest record that is believed; NFS servers stop at a few MiB. */
const RECORD_BYTES_MAX = 16 * 1024 * 1024;

interface RpcRecord {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads the RPC calls and replies of a connection, in both directions. O(bytes). It says why rather
 * than guess if payload was cut or lost, the start is missing, or the streams are not RPC.
 */
export function rpcRecords(connection: Connection): RpcTrace {
  const streams = [joinStream(connection, 0), joinStream(connection, 1)] as const;
  const unfinished: [number, number] = [0, 0];
  const calls: RpcCall[] = [];
  const replies: RpcReply[] = [];
  for (const side of [0, 1] as const) {
    const stream = streams[side];
    if (stream.reason !== '') return nothing(stream.reason);
    const { records, rest, reason } = splitRecords(stream.bytes);
    if (reason !== '')
      return nothing(`the ${side === 0 ? 'client' : 'server'}'s stream: ${reason}`);
    unfinished[side] = rest;
    for (const record of records) {
      if (be32(record.bytes, 4) === CALL) calls.push(asCall(record, side, stream));
      else replies.push(asReply(record, side, stream));
    }
  }
  if (calls.length + replies.length === 0) return nothing('no whole record was captured');
  const { exchanges, strayReplies } = match(calls, replies);
  return { exchanges, strayReplies, unfinishedBytes: unfinished, reason: '' };
}

function nothing(reason: string): RpcTrace {
  return { exchanges: [], strayReplies: [], unfinishedBytes: [0, 0], reason };
}

/** Takes record marks off a stream, up to the last whole record. Each mark takes four bytes, so this ends whatever it reads. */
function splitRecords(stream: Uint8Array): { records: RpcRecord[]; rest: number; reason: string } {
  const records: RpcRecord[] = [];
  let start = 0;
  let at = 0;
  let fragments: Uint8Array[] = [];
  let size = 0;
  while (at + 4 <= stream.length) {
    const mark = be32(stream, at);
    const length = mark & ~LAST_FRAGMENT;
    size += length;
    if (size > RECORD_BYTES_MAX) {
      const reason = `byte ${at} would start a record of ${size} bytes, which is not RPC`;
      return { records: [], rest: 0, reason };
    }
    if (at + 4 + length > stream.length) {
      const reason = size === length ? notRpc(start, stream.subarray(at + 4), length) : '';
      if (reason !== '') return { records: [], rest: 0, reason };
      break;
    }
    fragments.push(stream.subarray(at + 4, at + 4 + length));
    at += 4 + length;
    if (mark < LAST_FRAGMENT) continue;
    const bytes = join(fragments, size);
    const reason = notRpc(start, bytes, size);
    if (reason !== '') return { records: [], rest: 0, reason };
    records.push({ start, end: at, bytes });
    start = at;
    fragments = [];
    size = 0;
  }
  return { records, rest: stream.length - start, reason: '' };
}

function join(fragments: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = fragments;
  if (fragments.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const fragment of fragments) {
    bytes.set(fragment, at);
    at += fragment.length;
  }
  return bytes;
}

/** Why the record at `start`, of `length` bytes with these first ones, is no RPC message; or ''. */
function notRpc(start: number, bytes: Uint8Array, length: number): string {
  if (bytes.length < length && bytes.length < REPLY_BYTES_MIN) return ''; // too little to tell
  const type = be32(bytes, 4);
  const third = be32(bytes, 8);
  if (type === CALL && length >= CALL_BYTES_MIN && third === RPC_VERSION) return '';
  if (type === REPLY && length >= REPLY_BYTES_MIN && third <= 1) return '';
  return `the record of ${length} bytes at byte ${start} is neither an RPC call nor a reply`;
}

function asCall({ start, end, bytes }: RpcRecord, from: Side, stream: Stream): RpcCall {
  const { first, last } = stream.ticks(start, end);
  return {
    xid: be32(bytes, 0),
    program: be32(bytes, 12),
    version: be32(bytes, 16),
    procedure: be32(bytes, 20),
    from,
    copy: 1,
    start,
    end,
    firstTick: first,
    lastTick: last,
    bytes,
  };
}

function asReply({ start, end, bytes }: RpcRecord, from: Side, stream: Stream): RpcReply {
  const tick = stream.ticks(start, end).readable;
  return { xid: be32(bytes, 0), from, start, end, tick, copy: 1 };
}

/**
 * Joins copies and replies by xid. A call of another procedure or length under an xid that was used
 * before is a new call, and what follows under that xid belongs to it.
 */
function match(calls: readonly RpcCall[], replies: readonly RpcReply[]) {
  type Open = RpcExchange & { from: Side; copies: RpcCall[]; replies: RpcReply[] };
  const exchanges: Open[] = [];
  const byXid = new Map<string, Open[]>();
  const keyOf = (from: Side, xid: number): string => `${from} ${xid}`;
  for (const call of calls) {
    const key = keyOf(call.from, call.xid);
    const same = byXid.get(key) ?? [];
    byXid.set(key, same);
    const open = same.at(-1);
    if (open !== undefined && isCopy(open.copies[0], call)) {
      open.copies.push({ ...call, copy: open.copies.length + 1 });
      continue;
    }
    const { xid, program, version, procedure, from } = call;
    const fresh: Open = { xid, program, version, procedure, from, copies: [call], replies: [] };
    same.push(fresh);
    exchanges.push(fresh);
  }
  const strayReplies: RpcReply[] = [];
  for (const reply of replies) {
    const same = byXid.get(keyOf(reply.from === 0 ? 1 : 0, reply.xid)) ?? [];
    // The newest call under this xid that had been sent when the reply came.
    const open = same.findLast((exchange) => (exchange.copies[0]?.firstTick ?? 0) <= reply.tick);
    if (open === undefined) {
      strayReplies.push(reply);
      continue;
    }
    const copy = Math.min(open.replies.length + 1, open.copies.length);
    open.replies.push({ ...reply, copy });
  }
  exchanges.sort((a, b) => (a.copies[0]?.firstTick ?? 0) - (b.copies[0]?.firstTick ?? 0));
  return { exchanges, strayReplies };
}

function isCopy(first: RpcCall | undefined, call: RpcCall): boolean {
  return (
    first !== undefined &&
    first.program === call.program &&
    first.version === call.version &&
    first.procedure === call.procedure &&
    first.bytes.length === call.bytes.length
  );
}
