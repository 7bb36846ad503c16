// What a step itself makes possible for the other processor: it hands a packet to a ring, and the device reads it before
// the step goes on. Nothing of it can be read off the state before the step.
import { OtherProcessor, POINTS, comingAt, type Agenda, type PointWatch } from '@lastref/kernel';
import { Row } from './choices.ts';
import type { Step } from './edges.ts';

export class Arising implements PointWatch {
  /** Steps of the other processor, each at a point at which it was possible, and had not been before the step. */
  readonly steps: Step[] = [];
  private agenda: Agenda | null = null;
  private rows: Int32Array = new Int32Array(0);
  private into = 0;
  private point = 0;
  private readonly pairs: number[] = [];

  /** Watches a step of the source at `place`, before which `rows` were possible. */
  begin(agenda: Agenda, rows: Int32Array, place: number): void {
    this.steps.length = 0;
    this.agenda = agenda;
    this.rows = rows;
    this.into = place;
    this.point = 0;
    agenda.passing = this;
  }

  end(): void {
    this.agenda!.passing = null;
    this.agenda = null;
  }

  pass(): void {
    const { agenda, pairs } = this;
    const point = this.point++;
    if (agenda === null || point >= POINTS) return;
    const into = agenda.sources[this.into]!;
    for (const other of agenda.sources) {
      if (!(other instanceof OtherProcessor) || !other.mayMeet(into)) continue;
      pairs.length = 0;
      other.possible(pairs);
      for (let i = 0; i < pairs.length; i += 2) {
        const [verb, item] = [pairs[i]!, pairs[i + 1]!];
        if (!this.wasPossible(other.place, verb, item))
          this.steps.push({ place: other.place, verb, item: comingAt(point, item) });
      }
    }
  }

  private wasPossible(place: number, verb: number, item: number): boolean {
    const { rows } = this;
    const first = comingAt(0, item);
    for (let at = 0; at < rows.length; at += Row.WORDS)
      if (rows[at + Row.PLACE] === place && rows[at + Row.VERB] === verb)
        if (rows[at + Row.ITEM] === first) return true;
    return false;
  }
}
