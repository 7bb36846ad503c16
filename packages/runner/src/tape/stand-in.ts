// What stands where the machine has its design, in each of the two processes.
import { KNOWN, SEES } from '@lastref/search';

/** What is true of a candidate in all its machines, from when it is so in one. */
export interface Sight {
  /** It looks at what is different where somebody has not read or sent yet. */
  seesWhatWaits: boolean;
}

export abstract class StandIn {
  /** Another number after each hook: searches set these back with the machine. */
  stamp = 0;
  known = 0;
  knownAt = -1;

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

/** For `declareState`. */
export const STAMPS = 'stamp known knownAt';
