// A search looks at itself. It takes two machines of one fingerprint for one state, and leaves out steps whose other
// order it has explored; here samples of both are tried. Of two ways that met, both are played on with the same steps
// at random: they must stay together. A step that was left out is taken: it must lead to a state that is known.
// Non-goal: certainty. What is sampled follows from the search alone, so the same search has the same audit.
import { Prng } from '@lastref/workloads';

/** A way to a state that was known: the state before it, and the row of the choice that leads there. */
export interface Meeting {
  readonly known: number;
  readonly parent: number;
  readonly row: number;
}

/** A step that was not taken in a state. */
export interface LeftOut {
  readonly state: number;
  readonly row: number;
}

/** What the audit needs of a search. */
export interface Audited {
  /** Steps played so far. */
  readonly played: number;
  /**
   * Plays the way to `meeting` (`second`), or the way by which its state was met first, and `steps` more, which `prng`
   * picks. What was seen on the way, one line a step.
   */
  play(meeting: Meeting, second: boolean, prng: Prng, steps: number): readonly string[];
  /** Takes the step; null if all is well, else what is not. */
  tryLeftOut(step: LeftOut): string | null;
}

/** Samples that are kept of each kind, and those that are tried however small the search is. */
const KEPT = 512;
const TRIED_MIN = 24;
/** Steps that the audit may take, as a share of those of the search. */
const SHARE = 1 / 30;
/** Steps at random behind a meeting. */
const ON = 10;

/** A sample of what it is offered, each with the same chance (reservoir sampling). */
class Sample<T> {
  readonly kept: T[] = [];
  private offered = 0;
  private readonly prng: Prng;

  constructor(seed: number) {
    this.prng = new Prng(seed);
  }

  offer(make: () => T): void {
    this.offered++;
    if (this.kept.length < KEPT) {
      this.kept.push(make());
      return;
    }
    const at = this.prng.below(this.offered);
    if (at < KEPT) this.kept[at] = make();
  }

  /** The kept ones, in no order that the search gave them. */
  shuffled(): T[] {
    const out = this.kept.slice();
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.prng.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}

export class Audit {
  /** Samples tried. */
  tried = 0;
  private readonly meetings = new Sample<Meeting>(1);
  private readonly leftOut = new Sample<LeftOut>(2);

  /** A way leads to a state that is known. */
  met(known: number, parent: number, row: number): void {
    this.meetings.offer(() => ({ known, parent, row }));
  }

  /** A step is left out, as its other order is explored elsewhere. */
  leaves(state: number, row: number): void {
    this.leftOut.offer(() => ({ state, row }));
  }

  /** Why the search proves nothing, or null. */
  run(search: Audited): string | null {
    const from = search.played;
    const half = (from * SHARE) / 2;
    const within = (budget: number, n: number): boolean =>
      n < TRIED_MIN || search.played - from < budget;
    let n = 0;
    for (const meeting of this.meetings.shuffled()) {
      if (!within(half, n++)) break;
      const reason = this.tryMeeting(search, meeting, n);
      if (reason !== null) return reason;
    }
    n = 0;
    for (const step of this.leftOut.shuffled()) {
      if (!within(2 * half, n++)) break;
      this.tried++;
      const reason = search.tryLeftOut(step);
      if (reason !== null) return reason;
    }
    return null;
  }

  private tryMeeting(search: Audited, meeting: Meeting, seed: number): string | null {
    this.tried++;
    const first = search.play(meeting, false, new Prng(seed), ON);
    const second = search.play(meeting, true, new Prng(seed), ON);
    const at = first.findIndex((line, i) => line !== second[i]);
    if (at < 0 && first.length === second.length) return null;
    return `two ways lead to what was taken for one state, and part ${at <= 0 ? 'there' : `${at} steps later`}: ${first[at] ?? 'the end'} after one, ${second[at] ?? 'the end'} after the other`;
  }
}
