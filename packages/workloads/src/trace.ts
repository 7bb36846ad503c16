// The steps of a run, as data. A run takes the earliest step most of the time, so a trace keeps how many such
// steps there were and lists only the others. It names them as the field does, and not by where a machine keeps
// them: a timer that is added to the machine renumbers nothing.
import { KernelBug, otherProcessorNames, type Agenda } from '@lastref/kernel';

/** A kind of step by name, in 32 bits: of 'link a>b drops', whatever else the machine has. */
export type StepName = number;

/** The name of what `source` does with this verb. FNV-1a, and a finish that spreads the last letters. */
export function stepName(source: string, verb: string): StepName {
  const words = `${source} ${verb}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The clock stands still from here on. */
export const CLOCK_STOPS: StepName = stepName('the clock', 'stands still');

/** Programs that read, and guests, do nothing from here on. */
export const PROGRAMS_STOP: StepName = stepName('programs and guests', 'stop');

/** A step that was not simply the earliest one. */
export interface Deviation {
  /** Steps by the clock since the last deviation. */
  readonly after: number;
  readonly step: StepName;
  readonly item: number;
}

export interface Trace {
  readonly deviations: readonly Deviation[];
  /** Steps by the clock after the last deviation. */
  readonly tail: number;
}

/** Stand for places where a recorder keeps what happens to all of the agenda. */
const NOWHERE = -1;
const PROGRAMS = -2;

/** Collects a trace while a run goes on. */
export class Recorder {
  private readonly agenda: Agenda;
  /** Where in the agenda, as that takes no time; names are for those who ask for the trace. */
  private readonly taken: { after: number; place: number; verb: number; item: number }[] = [];
  private after = 0;

  constructor(agenda: Agenda) {
    this.agenda = agenda;
  }

  clock(): void {
    this.after++;
  }

  deviate(place: number, verb: number, item: number): void {
    this.taken.push({ after: this.after, place, verb, item });
    this.after = 0;
  }

  clockStops(): void {
    this.deviate(NOWHERE, 0, 0);
  }

  programsStop(): void {
    this.deviate(PROGRAMS, 0, 0);
  }

  /** Steps that somebody took, and moments at which the clock stopped, where in the agenda. */
  get steps(): readonly { readonly place: number; readonly verb: number; readonly item: number }[] {
    return this.taken;
  }

  /** The trace up to and including step `steps`; of a run that has no more than that all of it, as its end is no step. */
  upTo(steps: number): Trace {
    const deviations: Deviation[] = [];
    let left = steps;
    for (const { after, place, verb, item } of this.taken) {
      if (after + 1 > left) return { deviations, tail: left };
      deviations.push({ after, step: this.name(place, verb), item });
      left -= after + 1;
    }
    return { deviations, tail: Math.min(left, this.after) };
  }

  private name(place: number, verb: number): StepName {
    if (place === NOWHERE) return CLOCK_STOPS;
    if (place === PROGRAMS) return PROGRAMS_STOP;
    const source = this.agenda.sources[place]!;
    return stepName(source.name, source.verbs[verb]!);
  }
}

/** Where this machine has a kind of step. */
export interface StepPlace {
  readonly place: number;
  readonly verb: number;
}

/** Finds the kinds of steps of one machine by name, those of connections that come up later too. */
export class StepNames {
  private readonly places = new Map<StepName, StepPlace>();
  private looked = 0;

  /** Undefined: this machine has no such step (yet). Throws KernelBug where two kinds share a name. */
  find({ sources }: Agenda, step: StepName): StepPlace | undefined {
    for (; this.looked < sources.length; this.looked++) {
      const { name, verbs } = sources[this.looked]!;
      verbs.forEach((text, verb) => this.add(stepName(name, text), this.looked, verb, name));
    }
    return this.places.get(step);
  }

  private add(step: StepName, place: number, verb: number, source: string): void {
    if (this.places.has(step) || step === CLOCK_STOPS || step === PROGRAMS_STOP)
      throw new KernelBug(
        `a step of ${source} has the name of another one: no trace can tell them apart`,
      );
    this.places.set(step, { place, verb });
  }
}

/** Does a step of a second processor come in? Asked of a machine that has none yet. */
export function takesTwoProcessors({ sources }: Agenda, { deviations }: Trace): boolean {
  const names = new Set<StepName>();
  for (const source of sources) {
    if (source.comesIn !== true) continue;
    const { name, verbs } = otherProcessorNames(source);
    for (const verb of verbs) names.add(stepName(name, verb));
  }
  return deviations.some((d) => names.has(d.step));
}

/** How many steps a trace has. */
export function traceLength(trace: Trace): number {
  return trace.deviations.reduce((sum, d) => sum + d.after + 1, trace.tail);
}
