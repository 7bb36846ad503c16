// Plays a recorded trace. A step that does not apply is skipped, so any part of a trace is a trace.
import type { Agenda } from '@lastref/kernel';
import { CLOCK_STOPS, PROGRAMS_STOP, StepNames, type Deviation, type Trace } from '../trace.ts';
import type { Picker } from './picker.ts';

/** A step that was taken. */
export interface Taken {
  readonly kind: 'clock' | 'chosen' | 'clock stops' | 'programs stop';
  readonly place: number;
  readonly verb: number;
  readonly item: number;
}

const STOP: Taken = { kind: 'clock stops', place: -1, verb: 0, item: 0 };
const WITHHELD: Taken = { kind: 'programs stop', place: -1, verb: 0, item: 0 };

export class TracePicker implements Picker {
  private readonly trace: Trace;
  private readonly names = new StepNames();
  private deviation = 0;
  private clock: number;
  /** What the last step was, in words; null: none yet. */
  describe: string | null = null;
  /** The last step; null: none yet. */
  taken: Taken | null = null;
  /** Steps that did not apply. */
  skipped = 0;
  /** Did the trace's latest step apply? */
  applied = true;

  constructor(trace: Trace) {
    this.trace = trace;
    this.clock = trace.deviations[0]?.after ?? trace.tail;
  }

  step(agenda: Agenda): boolean {
    for (;;) {
      if (this.clock > 0) {
        const place = agenda.earliest();
        if (place >= 0) {
          this.clock--;
          const item = agenda.sources[place]!.item();
          this.tell({ kind: 'clock', place, verb: 0, item }, stepText(agenda, place, 0, item));
          return takeEarliest(agenda);
        }
        this.skip(this.clock); // nothing is left to do, but a failure may still be due
        this.clock = 0;
      }
      const d = this.trace.deviations[this.deviation];
      if (d === undefined) return false;
      this.deviation++;
      this.clock = this.trace.deviations[this.deviation]?.after ?? this.trace.tail;
      if (d.step === CLOCK_STOPS) {
        agenda.stopped = true;
        this.tell(STOP, 'the clock stands still: from here on any step may come next');
        return true;
      }
      if (d.step === PROGRAMS_STOP) {
        agenda.withholding = true;
        this.tell(WITHHELD, 'programs that read and guests do nothing any more');
        return true;
      }
      if (this.deviate(agenda, d)) return true;
      this.skip(1);
    }
  }

  private deviate(agenda: Agenda, { step, item }: Deviation): boolean {
    const found = this.names.find(agenda, step);
    if (found === undefined) return false;
    const { place, verb } = found;
    const { now } = agenda;
    agenda.advance(place);
    const text = stepText(agenda, place, verb, item);
    if (agenda.take(place, verb, item)) {
      this.tell({ kind: 'chosen', place, verb, item }, text);
      return true;
    }
    agenda.now = now;
    return false;
  }

  private tell(taken: Taken, text: string): void {
    this.taken = taken;
    this.describe = text;
    this.applied = true;
  }

  private skip(steps: number): void {
    this.skipped += steps;
    this.applied = false;
  }
}

/** The earliest step, as time alone would have it. */
export function takeEarliest(agenda: Agenda): boolean {
  const place = agenda.earliest();
  if (place < 0) return false;
  agenda.advance(place);
  agenda.take(place, 0, agenda.sources[place]!.item());
  return true;
}

/** A step in the field's words: 'link a>b drops 17'. */
export function stepText(agenda: Agenda, place: number, verb: number, item: number): string {
  const source = agenda.sources[place];
  if (source === undefined) return '';
  const what = `${source.name} ${source.verbs[verb] ?? '?'}`;
  if (source.itemText !== undefined) return `${what} ${source.itemText(item)}`;
  return item === 0 ? what : `${what} (${item})`;
}
