// What two searches of the same thing in two threads know of each other: the states that one of them is through with,
// with all that comes behind, and what is counted there. The other need not go there.
import { mix } from '../visited.ts';
import { Tally } from './tally.ts';

/** How far the other thread is. */
export const Helping = {
  NOT_YET: 0,
  WORKS: 1,
  IS_DONE: 2,
  FAILED: 3,
  FOUND: 4,
  UNWANTED: 5,
} as const;
export type Helping = (typeof Helping)[keyof typeof Helping];

/** Words of `counts`. */
const Count = {
  HELPING: 0,
  STATES: 1,
  EXECUTIONS: 2,
  ENDS: 3,
  CUT: 4,
  EXERCISED: 5,
  TORN: 6,
  WORDS: 8,
};

/** What goes from thread to thread. */
export interface SharedBuffers {
  readonly keys: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
}

export class SharedStates {
  readonly buffers: SharedBuffers;
  /** Two words a slot, low then high; both 0 is an empty slot. */
  private readonly keys: Int32Array;
  private readonly counts: Int32Array;
  private readonly mask: number;

  constructor(buffers: SharedBuffers) {
    this.buffers = buffers;
    this.keys = new Int32Array(buffers.keys);
    this.counts = new Int32Array(buffers.counts);
    this.mask = (this.keys.length >> 1) - 1;
  }

  /** Room for `states` states. */
  static for(states: number): SharedStates {
    let slots = 1024;
    while (slots * 0.6 < states) slots *= 2;
    return new SharedStates({
      keys: new SharedArrayBuffer(8 * slots),
      counts: new SharedArrayBuffer(4 * Count.WORDS),
    });
  }

  get bytes(): number {
    return this.keys.byteLength;
  }

  /** States that somebody is through with. */
  get size(): number {
    return Atomics.load(this.counts, Count.STATES);
  }

  /** Is somebody through with the state of this fingerprint? */
  has(hi: number, lo: number): boolean {
    const { keys, mask } = this;
    const low = lo | 0 || 1; // 0 is an empty slot
    const high = hi | 0 || 1;
    for (let at = (mix(high, low) & mask) << 1; ; at = (at + 2) & (2 * mask + 1)) {
      const found = Atomics.load(keys, at);
      if (found === 0) return false;
      if (found === low && this.highAt(at) === high) return true;
    }
  }

  /** Through with a state, and the first to be: what is counted there counts. */
  finish(hi: number, lo: number, tally: Tally): void {
    const { keys, mask } = this;
    const low = lo | 0 || 1;
    const high = hi | 0 || 1;
    for (let at = (mix(high, low) & mask) << 1; ; at = (at + 2) & (2 * mask + 1)) {
      const found = Atomics.compareExchange(keys, at, 0, low);
      if (found === 0) {
        Atomics.store(keys, at + 1, high);
        Atomics.add(this.counts, Count.STATES, 1);
        this.count(tally);
        return;
      }
      if (found === low && this.highAt(at) === high) return;
    }
  }

  /** The other half of a slot that is taken: its thread is about to write it. */
  private highAt(at: number): number {
    for (;;) {
      const high = Atomics.load(this.keys, at + 1);
      if (high !== 0) return high;
    }
  }

  count({ executions, ends, cut, exercised, torn }: Tally): void {
    const { counts } = this;
    Atomics.add(counts, Count.EXECUTIONS, executions);
    if (ends !== 0) Atomics.add(counts, Count.ENDS, ends);
    if (cut !== 0) Atomics.add(counts, Count.CUT, cut);
    if (exercised !== 0) Atomics.or(counts, Count.EXERCISED, exercised);
    if (torn !== 0) Atomics.or(counts, Count.TORN, torn);
  }

  get tally(): Tally {
    const { counts } = this;
    const tally = new Tally();
    tally.executions = Atomics.load(counts, Count.EXECUTIONS);
    tally.ends = Atomics.load(counts, Count.ENDS);
    tally.cut = Atomics.load(counts, Count.CUT);
    tally.exercised = Atomics.load(counts, Count.EXERCISED);
    tally.torn = Atomics.load(counts, Count.TORN);
    return tally;
  }

  get helping(): Helping {
    return Atomics.load(this.counts, Count.HELPING) as Helping;
  }

  /** The other thread is no longer `from`, if it was; false: it was something else. */
  turn(from: Helping, to: Helping): boolean {
    const was = Atomics.compareExchange(this.counts, Count.HELPING, from, to);
    if (was === from) Atomics.notify(this.counts, Count.HELPING);
    return was === from;
  }

  /** Waits until the other thread no longer works, or does nothing for so many milliseconds. */
  wait(patience: number): void {
    for (let seen = -1; this.helping === Helping.WORKS && seen !== this.size;) {
      seen = this.size;
      Atomics.wait(this.counts, Count.HELPING, Helping.WORKS, patience);
    }
  }
}
