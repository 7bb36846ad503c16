// What a step itself makes possible for the other processor: it hands a packet to a ring, and the device reads it before
// the step goes on. Nothing of it can be read off the state before the step.
import { OtherProcessor, POINTS, comingAt, type Kernel, type PointWatch } from '@lastref/kernel';
import type { Step } from './edges.ts';

/** More points than any step has. */
const MANY = 1 << 30;

export class Arising implements PointWatch {
  /** Steps of the other processor, each at a point at which it was possible, and had not been before the step. */
  readonly steps: Step[] = [];
  /** Points that the step came by. */
  points = 0;
  private k: Kernel | null = null;
  /** What was possible before: place, verb and item of each. */
  private readonly before: number[] = [];
  private into = 0;
  private readonly pairs: number[] = [];

  /** Watches the next step, which is one of the source at `place`. */
  begin(k: Kernel, place: number): void {
    this.forget();
    this.k = k;
    this.into = place;
    this.before.length = 0;
    this.forEachPossible((...step) => this.before.push(...step));
    k.countdown = MANY;
    k.agenda.passing = this;
  }

  end(): void {
    const k = this.k!;
    k.agenda.passing = null;
    k.countdown = 0;
    this.k = null;
  }

  /** No step was watched. */
  forget(): void {
    this.steps.length = 0;
    this.points = 0;
  }

  pass(): void {
    const point = this.points++;
    if (this.k === null || point >= POINTS) return;
    this.forEachPossible((place, verb, item) => {
      if (!this.wasPossible(place, verb, item))
        this.steps.push({ place, verb, item: comingAt(point, item) });
    });
  }

  /** Every step of the other processor that may come into the one that was watched: each at each point at which it can. */
  comings(): Step[] {
    const all: Step[] = [];
    const { before } = this;
    const points = Math.min(this.points, POINTS);
    for (let i = 0; i < before.length; i += 3) {
      const [place, verb, item] = [before[i]!, before[i + 1]!, before[i + 2]!];
      for (let point = 0; point < points; point++)
        all.push({ place, verb, item: comingAt(point, item) });
    }
    return [...all, ...this.steps];
  }

  private forEachPossible(visit: (place: number, verb: number, item: number) => void): void {
    const { pairs } = this;
    const { sources } = this.k!.agenda;
    const into = sources[this.into]!;
    for (const other of sources) {
      if (!(other instanceof OtherProcessor) || !other.mayMeet(into)) continue;
      pairs.length = 0;
      other.possible(pairs);
      for (let i = 0; i < pairs.length; i += 2) visit(other.place, pairs[i]!, pairs[i + 1]!);
    }
  }

  private wasPossible(place: number, verb: number, item: number): boolean {
    const { before } = this;
    for (let i = 0; i < before.length; i += 3)
      if (before[i] === place && before[i + 1] === verb && before[i + 2] === item) return true;
    return false;
  }
}
