// Breadth-first search of the race model: every order of its steps, each state once. Without reduction every step
// leads to a state of its own and the first failure is a shortest one; with it, only the states that wait for a
// choice are kept, and orders that cannot matter are left out (reduce.ts).
import { Fingerprint, StateQueue, Trail, VisitedSet } from '@lastref/search';
import { Race, WORDS, type Scope } from './model.ts';
import { choices, first } from './reduce.ts';

export interface Found {
  /** In no order of steps a read finds other bytes than were sent, or a page loses a reference too many. */
  readonly holds: boolean;
  /** What leads to the failure, from the start; empty if there is none. */
  readonly steps: readonly number[];
  /** States kept, and steps taken from them. */
  readonly states: number;
  readonly transitions: number;
  /** Kept states on the way to the farthest one. */
  readonly depth: number;
  /** Of the visited set, the queue and the trail. */
  readonly bytes: number;
}

/** Choices that one step can bring about, one after the other, before a state is kept. */
const CHOICES_MAX = 8;
/** Steps between two kept states. */
const PATH_MAX = 64;

const stepOf = (bits: number): number => 31 - Math.clz32(bits & -bits);

class RaceSearch {
  private readonly race: Race;
  private readonly reduce: boolean;
  private readonly visited = new VisitedSet();
  private readonly queue = new StateQueue(WORDS);
  private readonly trail = new Trail();
  private readonly print = new Fingerprint();
  /** Steps since the kept state `from`. */
  private readonly path = new Uint8Array(PATH_MAX);
  private readonly saved = Array.from({ length: CHOICES_MAX }, () => new Int32Array(WORDS));
  private from = 0;
  private transitions = 0;
  /** Steps in `path` that lead to a failure; 0: none was found. */
  private failing = 0;

  constructor(race: Race, reduce: boolean) {
    this.race = race;
    this.reduce = reduce;
  }

  run(): Found {
    const { race, queue, visited, reduce } = this;
    const state = new Int32Array(WORDS);
    let depth = 0;
    let levelEnd = 1;
    this.mark();
    queue.push(race.words);
    while (queue.shift(state)) {
      if (this.from === levelEnd) {
        depth++;
        levelEnd = visited.size;
      }
      race.words.set(state);
      const enabled = race.enabled();
      if (enabled === 0 && !race.atRest()) throw new Error('the race model is stuck');
      const steps = reduce ? choices(race, enabled) : enabled;
      for (let left = steps; left !== 0; left &= left - 1) {
        if (left !== steps) race.words.set(state);
        this.follow(stepOf(left), 0, 0);
        if (this.failing !== 0) return this.found(depth);
      }
      this.from++;
    }
    return this.found(depth);
  }

  private found(depth: number): Found {
    const { failing, visited, queue, trail, transitions } = this;
    return {
      holds: failing === 0,
      steps: failing === 0 ? [] : [...trail.to(this.from), ...this.path.subarray(0, failing)],
      states: visited.size,
      transitions,
      depth,
      bytes: visited.bytes + queue.bytes + trail.bytes,
    };
  }

  /** Takes a step, the `n`-th since a kept state, and goes on to the next states that are kept. */
  private follow(step: number, n: number, level: number): void {
    this.path[n] = step;
    this.transitions++;
    if (!this.race.take(step)) this.failing = n + 1;
    else if (this.reduce) this.settle(n + 1, level);
    else this.keep(n + 1);
  }

  /** Takes the steps that may come first at once; keeps the state in which there is none. */
  private settle(n: number, level: number): void {
    const { race } = this;
    const steps = first(race, race.enabled());
    if (steps === 0) {
      this.keep(n);
      return;
    }
    const alone = (steps & (steps - 1)) === 0;
    const saved = this.saved[level]!;
    if (!alone) saved.set(race.words);
    for (let left = steps; left !== 0 && this.failing === 0; left &= left - 1) {
      if (left !== steps) race.words.set(saved);
      this.follow(stepOf(left), n, alone ? level : level + 1);
    }
  }

  private keep(n: number): void {
    const { words } = this.race;
    if (!this.mark()) return;
    this.queue.push(words);
    this.trail.push(this.from, this.path, n);
  }

  /** Enters the state among the visited ones; false: it was there. */
  private mark(): boolean {
    this.print.of(this.race.words, WORDS);
    return this.visited.add(this.print.hi, this.print.lo);
  }
}

/** Searches all of the scope, or up to the first failure. `race` stands at the start; it names areas if we reduce. */
export function search(scope: Scope, reduce: boolean, race = new Race(scope, reduce)): Found {
  return new RaceSearch(race, reduce).run();
}
