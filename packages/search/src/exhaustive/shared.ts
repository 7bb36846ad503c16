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
  /** Slots of the levels that are in use. */
  SLOTS: 7,
  /** Bytes of the helper's own tables. */
  HELPERS: 8,
  STARVED: 9,
  WORDS: 10,
};

/** Slots of the first level; a power of two. */
const FIRST = 1 << 14;
/** Slots that a key may stand in, of each level but the last, from some place among them on; a power of two. */
const BUCKET = 64;

/** Where a state stands. */
const Stands = { NOWHERE: 0, HERE: 1, NOW: 2 } as const;
type Stands = (typeof Stands)[keyof typeof Stands];

/** What goes from thread to thread. */
export interface SharedBuffers {
  readonly keys: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
}

/**
 * A table in levels, each as large as all before it together: a key stands in its bucket of the first level that had a place
 * for it. No slot is ever free again, so both threads find the same first place, and memory that no level in use has is
 * never touched.
 */
export class SharedStates {
  readonly buffers: SharedBuffers;
  /** Two words a slot, low then high; both 0 is an empty slot. */
  private readonly keys: Int32Array;
  private readonly counts: Int32Array;
  private readonly slots: number;

  constructor(buffers: SharedBuffers) {
    this.buffers = buffers;
    this.keys = new Int32Array(buffers.keys);
    this.counts = new Int32Array(buffers.counts);
    this.slots = this.keys.length >> 1;
  }

  /** Room for `states` states. */
  static for(states: number): SharedStates {
    let slots = FIRST;
    while (slots * 0.6 < states) slots *= 2;
    return new SharedStates({
      keys: new SharedArrayBuffer(8 * slots),
      counts: new SharedArrayBuffer(4 * Count.WORDS),
    });
  }

  /** Of the levels in use, and of the helper's own tables when it is done. */
  get bytes(): number {
    const { counts } = this;
    return 8 * Atomics.load(counts, Count.SLOTS) + Atomics.load(counts, Count.HELPERS);
  }

  /** So many bytes the helper's tables take. */
  set helpersBytes(bytes: number) {
    Atomics.store(this.counts, Count.HELPERS, bytes);
  }

  /** States that somebody is through with. */
  get size(): number {
    return Atomics.load(this.counts, Count.STATES);
  }

  /** Is somebody through with the state of this fingerprint? */
  has(hi: number, lo: number): boolean {
    return this.look(hi, lo, false) === Stands.HERE;
  }

  /** Through with a state, and the first to be: what is counted there counts. */
  finish(hi: number, lo: number, tally: Tally): void {
    if (this.look(hi, lo, true) !== Stands.NOW) return;
    Atomics.add(this.counts, Count.STATES, 1);
    this.count(tally);
  }

  /** Where a state stands; nowhere yet, it is put there if it `enters`. Throws if there is no room. */
  private look(hi: number, lo: number, enters: boolean): Stands {
    const { keys } = this;
    const low = lo | 0 || 1; // 0 is an empty slot
    const high = hi | 0 || 1;
    for (let level = 0, from = 0, size = FIRST; from < this.slots; level++, size = from) {
      const isLast = from + size === this.slots;
      const places = isLast ? size : BUCKET;
      const first = mix(high, low + level) & (size - 1);
      for (let i = 0; i < places; i++) {
        const slot = (first & -places) | ((first + i) & (places - 1));
        const at = 2 * (from + slot);
        let found = Atomics.load(keys, at);
        if (found === 0) {
          if (!enters) return Stands.NOWHERE;
          found = Atomics.compareExchange(keys, at, 0, low);
          if (found === 0) {
            Atomics.store(keys, at + 1, high);
            this.use(from + size);
            return Stands.NOW;
          }
        }
        if (found === low && this.highAt(at) === high) return Stands.HERE;
      }
      from += size;
    }
    throw new Error(`no room for more than ${this.size} states`);
  }

  private use(slots: number): void {
    const { counts } = this;
    let used = Atomics.load(counts, Count.SLOTS);
    while (used < slots) used = Atomics.compareExchange(counts, Count.SLOTS, used, slots);
  }

  /** The other half of a slot that is taken: its thread is about to write it. */
  private highAt(at: number): number {
    for (;;) {
      const high = Atomics.load(this.keys, at + 1);
      if (high !== 0) return high;
    }
  }

  count({ executions, ends, cut, exercised, torn, starved }: Tally): void {
    const { counts } = this;
    Atomics.add(counts, Count.EXECUTIONS, executions);
    if (ends !== 0) Atomics.add(counts, Count.ENDS, ends);
    if (cut !== 0) Atomics.add(counts, Count.CUT, cut);
    if (exercised !== 0) Atomics.or(counts, Count.EXERCISED, exercised);
    if (torn !== 0) Atomics.or(counts, Count.TORN, torn);
    if (starved !== 0) Atomics.add(counts, Count.STARVED, starved);
  }

  get tally(): Tally {
    const { counts } = this;
    const tally = new Tally();
    tally.executions = Atomics.load(counts, Count.EXECUTIONS);
    tally.ends = Atomics.load(counts, Count.ENDS);
    tally.cut = Atomics.load(counts, Count.CUT);
    tally.exercised = Atomics.load(counts, Count.EXERCISED);
    tally.torn = Atomics.load(counts, Count.TORN);
    tally.starved = Atomics.load(counts, Count.STARVED);
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
