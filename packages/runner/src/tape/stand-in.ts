// What stands where the machine has its design, in each of the two processes.
import { KNOWN } from '@lastref/search';

export abstract class StandIn {
  /** Another number after each hook: searches set these back with the machine. */
  stamp = 0;
  known = 0;
  knownAt = -1;

  /** A number for what the candidate knows now beside objects of the machine. */
  protected abstract readonly knows: number;

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
