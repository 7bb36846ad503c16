// Takes the earliest step. Links drop, duplicate, delay and hold packets back with the chances of the scenario.
import { LinkVerb, type Agenda } from '@lastref/kernel';
import { Prng } from '../prng.ts';
import type { LinkChances } from '../scenario.ts';
import type { Recorder } from '../trace.ts';
import type { Picker } from './picker.ts';

export class ClockPicker implements Picker {
  private readonly prng: Prng;
  private readonly chances: (LinkChances | undefined)[] = [];
  protected readonly recorder: Recorder;

  constructor(seed: number, chances: ReadonlyMap<number, LinkChances>, recorder: Recorder) {
    this.prng = new Prng(seed);
    for (const [place, chance] of chances) this.chances[place] = chance;
    this.recorder = recorder;
  }

  step(agenda: Agenda): boolean {
    const place = agenda.earliest();
    if (place < 0) return false;
    agenda.advance(place);
    const source = agenda.sources[place]!;
    const item = source.item();
    const verb = this.verbAt(place);
    if (verb === 0) this.recorder.clock();
    else this.recorder.deviate(place, verb, item);
    agenda.take(place, verb, item);
    return true;
  }

  /** What happens to the packet that is due there. */
  protected verbAt(place: number): number {
    const chances = this.chances[place];
    return chances === undefined ? 0 : this.verb(chances);
  }

  private verb(chances: LinkChances): number {
    const prng = this.prng;
    if (chances.drop !== undefined && prng.chance(chances.drop)) return LinkVerb.DROP;
    if (chances.duplicate !== undefined && prng.chance(chances.duplicate))
      return LinkVerb.DUPLICATE;
    if (chances.delay !== undefined && prng.chance(chances.delay)) return LinkVerb.DELAY;
    if (chances.hold !== undefined && prng.chance(chances.hold)) return LinkVerb.HOLD;
    return 0;
  }
}
