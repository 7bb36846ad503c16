// Takes the steps that a reader chose: by the clock to the moment just before the first page is lent, and from there on,
// with the clock standing still, one list.
import type { Agenda } from '@lastref/kernel';
import type { Choice } from '@lastref/search';
import { Recorder, stepText, takeEarliest, type Trace } from '@lastref/workloads';
import type { TellingPicker } from '../replay/telling.ts';

export class ListPicker implements TellingPicker {
  describe: string | null = null;
  /** Of the list, the steps that applied. */
  readonly taken: Choice[] = [];
  private readonly before: number;
  private readonly list: readonly Choice[];
  private recorder: Recorder | null = null;
  private steps = 0;
  private at = 0;

  /** `before`: steps by the clock. */
  constructor(before: number, list: readonly Choice[]) {
    this.before = before;
    this.list = list;
  }

  step(agenda: Agenda): boolean {
    const recorder = (this.recorder ??= new Recorder(agenda));
    if (this.steps < this.before) {
      const place = agenda.earliest();
      if (place < 0) return false;
      this.describe = stepText(agenda, place, 0, agenda.sources[place]!.item());
      this.steps++;
      recorder.clock();
      return takeEarliest(agenda);
    }
    if (this.steps === this.before) {
      this.steps++;
      recorder.clockStops();
      agenda.stopped = true;
      this.describe = 'the clock stands still: from here on any step may come next';
      return true;
    }
    while (this.at < this.list.length) if (this.take(agenda, this.list[this.at++]!)) return true;
    return false;
  }

  /** One step more; false if it does not apply. */
  private take(agenda: Agenda, choice: Choice): boolean {
    const { place, verb, item } = choice;
    const text = stepText(agenda, place, verb, item);
    if (agenda.sources[place] === undefined || !agenda.take(place, verb, item)) return false;
    this.recorder!.deviate(place, verb, item);
    this.steps++;
    this.taken.push(choice);
    this.describe = text;
    return true;
  }

  trace(): Trace {
    return this.recorder?.upTo(this.steps) ?? { deviations: [], tail: 0 };
  }
}
