// Plays a recorded trace. A step that does not apply is skipped, so any part of a trace is a trace.
import type { Agenda } from '@lastref/kernel';
import { CLOCK_STOPS, type Trace } from '../trace.ts';
import type { Picker } from './picker.ts';

export class TracePicker implements Picker {
  private readonly trace: Trace;
  private deviation = 0;
  private clock: number;
  /** What the last step was, in words; null: none yet. */
  describe: string | null = null;

  constructor(trace: Trace) {
    this.trace = trace;
    this.clock = trace.deviations[0]?.after ?? trace.tail;
  }

  step(agenda: Agenda): boolean {
    for (;;) {
      if (this.clock > 0) {
        this.clock--;
        const place = agenda.earliest();
        if (place < 0) return false;
        this.describe = stepText(agenda, place, 0, agenda.sources[place]!.item());
        return takeEarliest(agenda);
      }
      const d = this.trace.deviations[this.deviation];
      if (d === undefined) return false;
      this.deviation++;
      this.clock = this.trace.deviations[this.deviation]?.after ?? this.trace.tail;
      if (d.place === CLOCK_STOPS) {
        agenda.stopped = true;
        this.describe = 'the clock stands still: from here on any step may come next';
        return true;
      }
      const source = agenda.sources[d.place];
      if (source === undefined) continue;
      agenda.advance(d.place);
      const text = stepText(agenda, d.place, d.verb, d.item);
      if (agenda.take(d.place, d.verb, d.item)) {
        this.describe = text;
        return true;
      }
    }
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
  return item === 0 ? what : `${what} (${item})`;
}
