// The steps of a run, as data. A run takes the earliest step most of the time, so a trace keeps how many such
// steps there were and lists only the others.

/** Stands for a place in a trace: the clock stands still from here on. */
export const CLOCK_STOPS = 0xffff;

/** A step that was not simply the earliest one. */
export interface Deviation {
  /** Steps by the clock since the last deviation. */
  readonly after: number;
  readonly place: number;
  readonly verb: number;
  readonly item: number;
}

export interface Trace {
  readonly deviations: readonly Deviation[];
  /** Steps by the clock after the last deviation. */
  readonly tail: number;
}

/** Collects a trace while a run goes on. */
export class Recorder {
  private readonly deviations: Deviation[] = [];
  private after = 0;

  clock(): void {
    this.after++;
  }

  deviate(place: number, verb: number, item: number): void {
    this.deviations.push({ after: this.after, place, verb, item });
    this.after = 0;
  }

  /** The trace up to and including step `steps`. */
  upTo(steps: number): Trace {
    const deviations: Deviation[] = [];
    let left = steps;
    for (const d of this.deviations) {
      if (d.after + 1 > left) break;
      deviations.push(d);
      left -= d.after + 1;
    }
    return { deviations, tail: left };
  }
}

/** How many steps a trace has. */
export function traceLength(trace: Trace): number {
  return trace.deviations.reduce((sum, d) => sum + d.after + 1, trace.tail);
}
