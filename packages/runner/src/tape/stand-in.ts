// What stands where the machine has its design, in each of the two processes.
import { KNOWN, SEES } from '@lastref/search';
import { LEFT, NONE_QUIET, QUIET_ANSWERS, REPLIED, quietBit } from '../candidates/quiet.ts';
import { ASKED } from '../candidates/rules.ts';

/** What is true of a candidate in all its machines, from when it is so in one. */
export interface Sight {
  /** It looks at what is different where somebody has not read or sent yet. */
  seesWhatWaits: boolean;
}

export abstract class StandIn {
  /** Another number after each hook, quiet ones among them: searches set these back with the machine. */
  stamp = 0;
  /** What the machine had freed when somebody looked last: of what nobody but the machine had, no hook tells (a clone without an owner). */
  releases = 0;
  known = 0;
  knownAt = -1;
  /** Hooks for which nobody is asked, a bit for each. */
  protected quiet = NONE_QUIET;

  /** What is asked under this number, of the candidate. */
  abstract ask(n: number, args: unknown[]): unknown;

  /** Nobody is asked for this one. The machine went on all the same, and lives that are remembered may be over. */
  protected abstract leftOut(n: number, args: readonly unknown[]): void;

  /** A number for what the candidate knows now beside objects of the machine. */
  protected abstract readonly knows: number;

  protected abstract readonly sight: Sight;

  get [SEES](): boolean {
    return this.sight.seesWhatWaits;
  }

  get [KNOWN](): number {
    if (this.knownAt !== this.stamp) {
      this.known = this.knows;
      this.knownAt = this.stamp;
    }
    return this.known;
  }
}

/** Tells moments of one machine apart, to which a search comes back. */
export class Moments {
  #stamps = 0;
  #toldAt = -1;

  /** What `one` remembers may be another thing than it was. */
  goOn(one: StandIn | null): void {
    if (one !== null) one.stamp = ++this.#stamps;
  }

  /** Was what `one` remembers told in the moment at hand? It is, from here on. `releases`: what its machine has freed. */
  isTold(one: StandIn, releases: number): boolean {
    if (one.releases !== releases) {
      one.releases = releases;
      this.goOn(one);
    }
    if (one.stamp === this.#toldAt) return true;
    this.#toldAt = one.stamp;
    return false;
  }
}

ASKED.forEach((hook, n) => {
  const bit = quietBit(n);
  const value = function (this: StandIn, ...args: unknown[]): unknown {
    if ((this['quiet'] & bit) === 0) return this.ask(n, args);
    this['leftOut'](n, args);
    return QUIET_ANSWERS[n];
  };
  const get = function (this: StandIn): unknown {
    return (this['quiet'] & bit) === 0 ? value : LEFT;
  };
  Object.defineProperty(StandIn.prototype, hook, hook === REPLIED ? { get } : { value });
});

/** For `declareState`. */
export const STAND_IN = { count: 'stamp releases known knownAt', constant: 'quiet' } as const;
