// Two processors: while a step of one runs, a step of the other may come in. It does so at a point (before a locked
// operation on a count that others share), runs to its end, and the first goes on. Between points nobody can tell.
import { type Agenda, type Coming, Party, Spend, type StepSource } from './agenda.ts';
import { Halted } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { declareState } from './state.ts';

/** Points of a step at which another one may come in; behind these it may not. */
export const POINTS = 24;
/** Items that a step may have: those of the steps that may come in are few. */
const ITEMS = 1 << 20;

/** At which point of the next step one of its items comes in. */
export function pointOf(item: number): number {
  return Math.floor(item / ITEMS);
}

/** The item of a step that comes in with `item` at the `point`-th point of the next one, from 0. */
export function comingAt(point: number, item: number): number {
  return point * ITEMS + item;
}

/** What its steps are called. */
export function otherProcessorNames(inner: Pick<StepSource, 'name' | 'verbs' | 'interrupts'>): {
  readonly name: string;
  readonly verbs: readonly string[];
} {
  return {
    name: `${inner.interrupts === true ? 'interrupt' : 'the other processor'}, ${inner.name}`,
    verbs: inner.verbs.map((verb) => `${verb}, inside the next step`),
  };
}

/**
 * The steps of one source, as the other processor takes them. Taking one of its choices does nothing yet: it comes in
 * at that point of the next step, which a point that this does not reach makes one that does not count.
 * Only sources that say `comesIn` have one: their steps take no lock that the other processor could hold at a point, or do
 * not apply while it does.
 */
export class OtherProcessor implements StepSource, Coming {
  readonly name: string;
  readonly verbs: readonly string[];
  place = -1;
  done = false;
  private readonly k: Kernel;
  /** Whose steps they are. */
  readonly inner: StepSource;
  private verb = 0;
  private wanted = 0;
  private readonly pairs: number[] = [];
  private readonly own: number[] = [];

  constructor(k: Kernel, inner: StepSource) {
    this.k = k;
    this.inner = inner;
    const { name, verbs } = otherProcessorNames(inner);
    this.name = name;
    this.verbs = verbs;
    k.agenda.add(this);
  }

  item(): number {
    return 0;
  }

  itemText(item: number): string {
    return `at its point ${pointOf(item) + 1}`;
  }

  choices(out: number[]): void {
    const { pairs } = this;
    if (this.k.agenda.coming !== null) return;
    pairs.length = 0;
    this.possible(pairs);
    for (let i = 0; i < pairs.length; i += 2)
      for (let point = 0; point < POINTS; point++)
        out.push(pairs[i]!, comingAt(point, pairs[i + 1]!));
  }

  /** The steps of its source that the other processor could take now: appends (verb, item) pairs. */
  possible(out: number[]): void {
    const { inner, own } = this;
    if (!this.k.agenda.isArmed(inner.place)) return;
    own.length = 0;
    inner.choices(own);
    for (let i = 0; i < own.length; i += 2) {
      const [verb, item] = [own[i]!, own[i + 1]!];
      const spend = inner.spend?.(verb, item) ?? Spend.NOTHING;
      if (spend === Spend.NOTHING && item < ITEMS) out.push(verb, item);
    }
  }

  spend(): Spend {
    return Spend.PREEMPTION;
  }

  get lendsNothing(): boolean {
    return this.inner.lendsNothing === true;
  }

  take(verb: number, item: number): boolean {
    const { k } = this;
    if (k.agenda.coming !== null) return false; // it may become possible in the step that it waits for
    this.verb = verb;
    this.wanted = item % ITEMS;
    this.done = false;
    k.countdown = 1 + pointOf(item);
    k.agenda.coming = this;
    return true;
  }

  /** A step of the same host that is not the same. */
  mayMeet(source: StepSource): boolean {
    return (
      source !== this.inner &&
      source.byDevice !== true &&
      (source.lendsNothing === true) === this.lendsNothing &&
      !(source instanceof OtherProcessor)
    );
  }

  comeIn(agenda: Agenda): void {
    const { k, inner } = this;
    const { context, side } = k;
    const { party, interruptsOff, softirqsOff } = agenda;
    agenda.party = inner.party ?? Party.NOBODY;
    if (inner.interrupts === true) agenda.interrupted = true;
    else {
      agenda.processor = 1;
      agenda.interruptsOff = agenda.softirqsOff = 0;
    }
    this.done = true; // even where it does not come to its end
    try {
      this.done = this.unlessItWaits();
    } finally {
      agenda.processor = 0;
      agenda.interrupted = false;
      agenda.interruptsOff = interruptsOff;
      agenda.softirqsOff = softirqsOff;
      agenda.party = party;
      k.context = context;
      k.side = side;
    }
  }

  /** Did it apply? It did where it waits in the middle for what the first processor holds. */
  private unlessItWaits(): boolean {
    try {
      return this.inner.take(this.verb, this.wanted);
    } catch (error) {
      if (!(error instanceof Halted) || error.waitsFor === null) throw error;
      this.k.agenda.waiting = error.waitsFor;
      return true;
    }
  }

  over(): void {
    this.k.countdown = 0;
  }
}

declareState(OtherProcessor, {
  state: 'inner verb wanted',
  constant: 'k name verbs place',
  scratch: 'done pairs own',
});

/** Gives `k` a second processor: for every source whose steps may come in. */
export function addOtherProcessor(k: Kernel): void {
  for (const source of k.agenda.sources.filter((s) => s.comesIn === true))
    new OtherProcessor(k, source);
}
