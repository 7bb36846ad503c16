// Goal: the records of ONC RPC (RFC 5531) in one direction of a connection, from segments as they were captured: in
// any order, again, cut by a snap length, with parts that nobody captured, or without their start. Only the heads of
// records matter, so a hole in the middle of one is none; where a head is missing, the reader looks for the next one
// as analysers do. Non-goal: the bytes of a call, and whom a reply answers (rpc.ts).
import { be32 } from './bytes.ts';

/** What stands at the start of a record. */
export interface RecordHead {
  /** Stream offsets [start, end) with record marks. */
  readonly start: number;
  readonly end: number;
  readonly call: boolean;
  readonly xid: number;
  /** Of a call; else 0. */
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  /** Bytes without record marks. */
  readonly length: number;
  /** Tick of the first segment that carried a byte of it. */
  readonly firstTick: number;
}

/** Why a part of a stream was not read. */
export const Unread = {
  NO_START: 'its start is not in the capture',
  LOST: 'segments are missing from the capture',
  CUT: 'the snap length cut the head of a record',
  NOT_RPC: 'no RPC record stands there',
} as const;
export type Unread = (typeof Unread)[keyof typeof Unread];

const CALL = 0;
const REPLY = 1;
const RPC_VERSION = 2;
const CALL_BYTES_MIN = 40; // six words, then two empty opaque_auth
const REPLY_BYTES_MIN = 12;
const LAST_FRAGMENT = 0x80000000;
/** Longest record that is believed; NFS servers stop at a few MiB. */
const RECORD_BYTES_MAX = 16 * 1024 * 1024;
/** What is looked at of each message: of a call up to its procedure, of a reply up to its accept_stat. */
const HEAD_BYTES = 24;
/** Segments behind a missing head wait for it, up to so many bytes: reordering, or a retransmission under way. */
const HELD_BYTES_MAX = 1024 * 1024;
/** A stream that started with no record is given up after so many bytes without one. */
const SEARCH_BYTES_MAX = 1024 * 1024;
/** Where the start was not captured, the longest record must have ended within twice its length. */
const LATE_SEARCH_BYTES_MAX = 2 * RECORD_BYTES_MAX;
/** A verifier is this long at most. RFC 5531, section 8.2 */
const AUTH_BYTES_MAX = 400;

interface Held {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly tick: number;
}

/** Records of one side, in the order of the stream but for those whose head came late. */
export class RecordReader {
  /** Stream offset of the next byte that is needed; -1: the reader looks for a head. */
  private want: number;
  private readonly mark = new Uint8Array(4);
  private marked = 0;
  private readonly head = new Uint8Array(HEAD_BYTES);
  private has = 0;
  /** Of the record that is being read: where it starts, where its current fragment ends, its bytes so far. */
  private start = 0;
  private fragmentEnd = 0;
  private last = false;
  private length = 0;
  private firstTick = 0;
  private held: Held[] = [];
  private heldBytes = 0;
  /** Heads that were given up, with the offset from which on the reader goes by itself. */
  private given: { at: number; until: number }[] = [];
  /** Where the part that is not read began, and why. */
  private lostAt: number;
  private lostWhy: Unread;
  private searched = 0;
  private readonly searchMax: number;
  records = 0;
  /** Was there any place where a head could have been seen? And segments that a snap length cut in front of its end. */
  private looked = false;
  private short = 0;
  /** Parts of the stream in which no record was read, most of all. */
  readonly unread: { from: number; to: number; why: Unread }[] = [];
  unreadBytes = 0;
  /** Highest offset seen. */
  private edge = 0;
  private readonly found: (record: RecordHead) => void;

  /** @param started the stream's first byte, offset 0, is a record mark if this is RPC. */
  constructor(started: boolean, found: (record: RecordHead) => void) {
    this.found = found;
    this.want = started ? 0 : -1;
    this.lostAt = 0;
    this.lostWhy = started ? Unread.NOT_RPC : Unread.NO_START;
    this.searchMax = started ? SEARCH_BYTES_MAX : LATE_SEARCH_BYTES_MAX;
  }

  /** True once the stream was given up: nothing in it looks like RPC. */
  get hopeless(): boolean {
    return this.records === 0 && this.searched > this.searchMax;
  }

  /** True while the reader knows where the next record starts. */
  get inStep(): boolean {
    return this.want >= 0;
  }

  /** True where the capture holds too little of the payload to say whether it is RPC. */
  get isIllegible(): boolean {
    return !this.looked && this.short > 0;
  }

  /** Offset from which on nothing is read yet: the start of the record that goes on, or of the part without records. */
  get readTo(): number {
    return this.want < 0 ? this.lostAt : this.isBetween() ? this.want : this.start;
  }

  /** A segment with [start, end) of the stream, of which `bytes` were captured. */
  take(start: number, end: number, bytes: Uint8Array, tick: number): void {
    if (end > this.edge) this.edge = end;
    if (bytes.length >= 4 + HEAD_BYTES) this.looked = true;
    else if (bytes.length < end - start) this.short++;
    if (this.given.length > 0) this.late(start, end, bytes, tick);
    if (this.hopeless) return;
    if (this.want >= 0 && start > this.want) {
      this.hold(start, end, bytes, tick);
      return;
    }
    this.read(start, end, bytes, tick);
    this.release();
  }

  /** The other end has all bytes below `offset`: what the capture lacks of them will not come any more. */
  acked(offset: number): void {
    if (this.held.length > 0 && this.want >= 0 && offset > this.want) this.giveUp();
  }

  /** The capture is over. */
  finish(): void {
    while (this.held.length > 0) this.giveUp();
    if (this.want < 0) this.endUnread(this.edge);
  }

  /** Nothing of the next record was read yet. */
  private isBetween(): boolean {
    return this.marked === 0 && this.has === 0 && this.length === 0;
  }

  private hold(start: number, end: number, bytes: Uint8Array, tick: number): void {
    this.held.push({ start, end, bytes: bytes.slice(), tick });
    this.heldBytes += bytes.length + 64;
    if (this.heldBytes > HELD_BYTES_MAX) this.giveUp();
  }

  /** Reads what was held and may be read now. */
  private release(): void {
    while (this.held.some((h) => this.want < 0 || h.start <= this.want)) {
      const waiting = this.held.sort((a, b) => a.start - b.start);
      this.held = [];
      this.heldBytes = 0;
      for (const h of waiting) {
        if (this.want >= 0 && h.start > this.want) {
          this.held.push(h);
          this.heldBytes += h.bytes.length + 64;
        } else {
          this.read(h.start, h.end, h.bytes, h.tick);
        }
      }
    }
  }

  /** The bytes that are wanted do not come: looks for the next head in what is held. */
  private giveUp(): void {
    const at = this.isBetween() ? this.want : this.start;
    this.lose(at, Unread.LOST);
    this.release();
    const until = this.want < 0 ? this.edge : this.start;
    if (this.given.length < 64) this.given.push({ at, until });
  }

  /** The reader is out of step from stream offset `at` on. */
  private lose(at: number, why: Unread): void {
    this.want = -1;
    this.marked = 0;
    this.has = 0;
    this.length = 0;
    this.lostAt = at;
    this.lostWhy = why;
  }

  private endUnread(to: number): void {
    if (to <= this.lostAt) return;
    this.unreadBytes += to - this.lostAt;
    const before = this.unread.at(-1);
    if (before !== undefined && before.why === this.lostWhy && before.to === this.lostAt)
      before.to = to;
    else if (this.unread.length < 1000) {
      this.unread.push({ from: this.lostAt, to, why: this.lostWhy });
    }
  }

  /** Reads all records whose heads stand in the segment. */
  private read(start: number, end: number, bytes: Uint8Array, tick: number): void {
    let from = start;
    for (;;) {
      if (this.want < 0) {
        const at = this.search(from, start, end, bytes);
        if (at < 0) return;
        this.endUnread(at);
        this.want = at;
      }
      if (this.want >= end) return;
      const at = this.want - start;
      if (at < 0) return; // held before, and read since
      if (at >= bytes.length) {
        this.lose(this.isBetween() ? this.want : this.start, Unread.CUT);
        return;
      }
      if (!this.step(bytes, at, tick)) {
        const wrong = this.start;
        this.lose(wrong, Unread.NOT_RPC);
        from = Math.max(start, wrong + 1);
      }
    }
  }

  /** Takes what it can of a mark or of a head at `at`. False: that is no RPC record. */
  private step(bytes: Uint8Array, at: number, tick: number): boolean {
    if (this.isBetween()) {
      this.start = this.want;
      this.firstTick = tick;
    }
    if (tick < this.firstTick) this.firstTick = tick;
    if (this.marked < 4) {
      const n = Math.min(4 - this.marked, bytes.length - at);
      this.mark.set(bytes.subarray(at, at + n), this.marked);
      this.marked += n;
      this.want += n;
      if (this.marked < 4) return true;
      const mark = be32(this.mark, 0);
      const size = (mark & ~LAST_FRAGMENT) >>> 0;
      this.last = mark >= LAST_FRAGMENT;
      this.length += size;
      this.fragmentEnd = this.want + size;
      if (this.length > RECORD_BYTES_MAX) return false;
    } else {
      const n = Math.min(HEAD_BYTES - this.has, this.fragmentEnd - this.want, bytes.length - at);
      this.head.set(bytes.subarray(at, at + n), this.has);
      this.has += n;
      this.want += n;
    }
    if (this.has < HEAD_BYTES && this.want < this.fragmentEnd) {
      return (
        this.has < REPLY_BYTES_MIN ||
        isHead(this.head, this.has, this.last ? this.length : Infinity)
      );
    }
    // The head is there, or the fragment is.
    if (this.has === HEAD_BYTES || this.last) {
      if (!isHead(this.head, this.has, this.last ? this.length : Infinity)) return false;
    }
    this.want = this.fragmentEnd;
    this.marked = 0;
    if (this.last) this.emit();
    return true;
  }

  private emit(): void {
    const { head, start, length } = this;
    const call = be32(head, 4) === CALL;
    let first = this.firstTick;
    for (const h of this.held) if (h.start < this.want && h.tick < first) first = h.tick;
    this.records++;
    this.found({
      start,
      end: this.fragmentEnd,
      call,
      xid: be32(head, 0),
      program: call ? be32(head, 12) : 0,
      version: call ? be32(head, 16) : 0,
      procedure: call ? be32(head, 20) : 0,
      length,
      firstTick: first,
    });
    this.has = 0;
    this.length = 0;
  }

  /** Stream offset of the first plausible record mark in the segment, not before `from`; -1: none. */
  private search(from: number, start: number, end: number, bytes: Uint8Array): number {
    if (this.searched > this.searchMax && this.records === 0) return -1;
    this.searched += Math.max(0, end - from);
    for (let at = from - start; at + 4 + HEAD_BYTES <= bytes.length; at++) {
      at = bytes.indexOf(LAST_FRAGMENT >>> 24, at);
      if (at < 0 || at + 4 + HEAD_BYTES > bytes.length) return -1;
      const length = be32(bytes, at) & ~LAST_FRAGMENT;
      if (length < HEAD_BYTES || length > RECORD_BYTES_MAX) continue;
      if (!isLikely(bytes, at + 4, length)) continue;
      const next = at + 4 + length;
      if (next + 16 <= bytes.length && !isLikelyNext(bytes, next)) continue;
      return start + at;
    }
    return -1;
  }

  /** A head that was given up has come after all: in a retransmission, when it was no longer waited for. */
  private late(start: number, end: number, bytes: Uint8Array, tick: number): void {
    for (const g of this.given) {
      while (g.at >= start && g.at + 4 + HEAD_BYTES <= start + bytes.length && g.at < g.until) {
        const at = g.at - start;
        const length = be32(bytes, at) & ~LAST_FRAGMENT;
        const whole = be32(bytes, at) >= LAST_FRAGMENT && length <= RECORD_BYTES_MAX;
        if (!whole || !isHead(bytes.subarray(at + 4), HEAD_BYTES, length)) {
          g.at = g.until;
          break;
        }
        const call = be32(bytes, at + 8) === CALL;
        this.records++;
        this.found({
          start: g.at,
          end: g.at + 4 + length,
          call,
          xid: be32(bytes, at + 4),
          program: call ? be32(bytes, at + 16) : 0,
          version: call ? be32(bytes, at + 20) : 0,
          procedure: call ? be32(bytes, at + 24) : 0,
          length,
          firstTick: tick,
        });
        g.at += 4 + length;
      }
    }
    this.given = this.given.filter((g) => g.at < g.until && g.until > end - RECORD_BYTES_MAX);
  }
}

/** Can a message of `length` bytes begin with these `has` bytes? */
function isHead(head: Uint8Array, has: number, length: number): boolean {
  if (has < REPLY_BYTES_MIN) return false;
  const type = be32(head, 4);
  const third = be32(head, 8);
  if (type === CALL) return length >= CALL_BYTES_MIN && third === RPC_VERSION;
  return type === REPLY && length >= REPLY_BYTES_MIN && third <= 1;
}

/** The same where nothing but the bytes says that a message stands here: what no program uses is no message. */
function isLikely(bytes: Uint8Array, at: number, length: number): boolean {
  const head = bytes.subarray(at, at + HEAD_BYTES);
  if (!isHead(head, HEAD_BYTES, length)) return false;
  if (be32(head, 4) === CALL) {
    const program = be32(head, 12);
    return (
      program >= 100000 && program < 0x80000000 && be32(head, 16) < 256 && be32(head, 20) < 4096
    );
  }
  if (be32(head, 8) === 1) return be32(head, 12) <= 1; // rejected: RPC_MISMATCH or AUTH_ERROR
  const auth = be32(head, 16);
  const flavor = be32(head, 12);
  if (auth > AUTH_BYTES_MAX || auth % 4 !== 0 || auth + REPLY_BYTES_MIN + 12 > length) return false;
  return (flavor <= 7 || flavor === 0x55555555) && (auth > 0 || be32(head, 20) <= 5);
}

/** A record mark, an xid, a type and what follows each type. */
function isLikelyNext(bytes: Uint8Array, at: number): boolean {
  const length = be32(bytes, at) & ~LAST_FRAGMENT;
  if (length > RECORD_BYTES_MAX) return false;
  return isHead(bytes.subarray(at + 4, at + 16), REPLY_BYTES_MIN, length);
}
