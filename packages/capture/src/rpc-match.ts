// Goal: which call each copy and each reply belongs to. A call has one identity here, a number in order of first
// copies: an xid may be used again. Non-goal: records themselves (rpc-reader.ts).
import type { Side } from './connections.ts';
import type { RecordHead } from './rpc-reader.ts';

/** A call with its copies, as far as it matters to what may still come. */
interface Exchange {
  readonly id: number;
  readonly first: RecordHead;
  copies: number;
  replies: number;
  /** Tick of the last reply; -1: none. */
  answered: number;
}

/** A copy is sent before its caller has the answer; seen at the other end, it is younger than a round trip. */
const CROSSING_TICKS = 1_000_000;
/** Calls and replies that are remembered: far more than any client has in flight. */
const REMEMBERED = 65536;
const STRAYS = 256;

export class RpcMatch {
  private readonly open = new Map<number, Exchange>();
  /** Replies whose call has not been seen whole yet. */
  private readonly strays = new Map<number, number>();
  calls = 0;
  copies = 0;
  replies = 0;
  /** Replies to calls that are not in the capture. */
  strayReplies = 0;

  /** The number of the call and of its copy (from 1), and the tick of a reply that came first (-1: none). */
  call(from: Side, head: RecordHead): { id: number; copy: number; answered: number } {
    const key = keyOf(from, head.xid);
    const known = this.open.get(key);
    if (known !== undefined && isCopy(known, head)) {
      this.copies++;
      return { id: known.id, copy: ++known.copies, answered: -1 };
    }
    const id = this.calls++;
    this.copies++;
    const fresh: Exchange = { id, first: head, copies: 1, replies: 0, answered: -1 };
    this.open.delete(key);
    this.open.set(key, fresh);
    if (this.open.size > REMEMBERED) this.open.delete(this.open.keys().next().value!);
    const answered = this.strays.get(key) ?? -1;
    if (answered < head.firstTick) return { id, copy: 1, answered: -1 };
    this.strays.delete(key);
    this.strayReplies--;
    this.replies++;
    fresh.replies = 1;
    fresh.answered = answered;
    return { id, copy: 1, answered };
  }

  /** The number of the call that a reply answers, and its copy: the n-th reply goes to the n-th copy. Or null. */
  reply(from: Side, head: RecordHead, tick: number): { id: number; copy: number } | null {
    const key = keyOf(from === 0 ? 1 : 0, head.xid);
    const known = this.open.get(key);
    if (known === undefined || known.first.firstTick > tick) {
      this.strayReplies++;
      this.strays.set(key, tick);
      if (this.strays.size > STRAYS) this.strays.delete(this.strays.keys().next().value!);
      return null;
    }
    this.replies++;
    known.answered = tick;
    return { id: known.id, copy: Math.min(++known.replies, known.copies) };
  }

  /** Calls that no reply was seen to. */
  get unanswered(): number {
    let n = 0;
    for (const { replies } of this.open.values()) if (replies === 0) n++;
    return n;
  }
}

function keyOf(from: Side, xid: number): number {
  return from * 2 ** 32 + xid;
}

/** Another procedure or length under the same xid is another call, and so is one from when the answer was long there. */
function isCopy({ first, replies, copies, answered }: Exchange, head: RecordHead): boolean {
  return (
    first.program === head.program &&
    first.version === head.version &&
    first.procedure === head.procedure &&
    first.length === head.length &&
    (replies < copies || head.firstTick <= answered + CROSSING_TICKS)
  );
}
