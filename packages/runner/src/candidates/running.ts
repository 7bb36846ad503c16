// Where a candidate's code is right now, in memory that another thread can read while this one hangs.

const PLACE = 0;
/** The last place that was entered from outside. */
const LAST = 1;
/** Moves whenever something is over: a hook that was called from outside, a cell, a part of a search. */
const MOVES = 2;
export const RUNNING_BYTES = 12;

export class Running {
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  /** A place is entered; returns the one before, for `leave`. */
  enter(place: number): number {
    const before = this.words[PLACE]!;
    this.words[PLACE] = place;
    if (before === 0) {
      this.words[LAST] = place;
      Atomics.add(this.words, MOVES, 1);
    }
    return before;
  }

  leave(before: number): void {
    this.words[PLACE] = before;
    if (before === 0) Atomics.add(this.words, MOVES, 1);
  }

  /** Does something that is not the candidate's, and may take its time. */
  aside(work: () => void): void {
    const place = this.words[PLACE]!;
    this.words[PLACE] = 0;
    work();
    this.words[PLACE] = place;
    this.moved();
  }

  moved(): void {
    Atomics.add(this.words, MOVES, 1);
  }

  get place(): number {
    return Atomics.load(this.words, PLACE);
  }

  get last(): number {
    return Atomics.load(this.words, LAST);
  }

  get moves(): number {
    return Atomics.load(this.words, MOVES);
  }
}

/** This isolate's own; a watched one shares its memory with the watcher. */
export let running = new Running(new SharedArrayBuffer(RUNNING_BYTES));

export function runIn(memory: SharedArrayBuffer): void {
  running = new Running(memory);
}
