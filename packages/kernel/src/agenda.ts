// The steps that are possible now. Each source of steps (a timer, a ring, a link, a reader) has a fixed
// place here; it says when its next step falls due, and whoever picks takes one. Few sources exist, so the
// earliest is found by a scan over a typed array, which also makes "all that is possible" a plain loop.

/** Not on the agenda. */
export const NEVER = 0x7fffffff;

/** Something that is not up to the machine. A step is (place, verb, item): three small integers. */
export interface StepSource {
  /** In the field's words, unique in a machine: 'link a>b', 'nic a'. */
  readonly name: string;
  /** What a step does, by verb. Verb 0 is what happens when time passes and nothing goes wrong. */
  readonly verbs: readonly string[];
  /** Given by the agenda. */
  place: number;
  /** What verb 0 would act on now, as a name that stays with the thing (a serial number). */
  item(): number;
  /** Everything that could happen here now: appends (verb, item) pairs. */
  choices(out: number[]): void;
  /** Does it; false if it does not apply, and then nothing has changed. */
  take(verb: number, item: number): boolean;
}

export class Agenda {
  /** Simulated time in ticks of 1 µs. */
  now = 0;
  readonly sources: StepSource[] = [];
  /** When each source's next step falls due, or NEVER. */
  due = new Int32Array(32).fill(NEVER);
  /** Order of arming: settles equal times, first come first served. */
  private armed = new Float64Array(32);
  private arming = 0;

  /** A new source, not armed. Returns its place. */
  add(source: StepSource): number {
    const place = this.sources.push(source) - 1;
    source.place = place;
    if (place === this.due.length) {
      const due = new Int32Array(place * 2).fill(NEVER);
      due.set(this.due);
      this.due = due;
      const armed = new Float64Array(place * 2);
      armed.set(this.armed);
      this.armed = armed;
    }
    return place;
  }

  /** The source's step falls due at `tick`; one that has passed falls due at once. */
  arm(place: number, tick: number): void {
    this.due[place] = tick;
    this.armed[place] = this.arming++;
  }

  disarm(place: number): void {
    this.due[place] = NEVER;
  }

  isArmed(place: number): boolean {
    return this.due[place] !== NEVER;
  }

  /** The armed source that is due first, or -1. */
  earliest(): number {
    const due = this.due;
    const armed = this.armed;
    const n = this.sources.length;
    let best = -1;
    let time: number = NEVER;
    for (let i = 0; i < n; i++) {
      const t = due[i]!;
      if (t > time) continue;
      if (t < time || (best >= 0 && armed[i]! < armed[best]!)) {
        best = i;
        time = t;
      }
    }
    return best;
  }
}

/** A source with one thing to do: what most of them are. */
export abstract class SingleStep implements StepSource {
  readonly name: string;
  readonly verbs: readonly string[];
  place = -1;

  constructor(name: string, verb: string) {
    this.name = name;
    this.verbs = [verb];
  }

  item(): number {
    return 0;
  }

  choices(out: number[]): void {
    out.push(0, 0);
  }

  abstract take(verb: number, item: number): boolean;
}
