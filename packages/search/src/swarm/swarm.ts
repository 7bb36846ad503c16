// Random runs in batches. Each seed draws its own weights, orders of magnitude apart, and leaves some kinds of
// steps out altogether (Groce et al., Swarm Testing, 2012); half of the runs go on from a run of the same batch
// that reached something new. A batch is a function of its seed alone.
import type { Finding, Property } from '@lastref/judge';
import { Halt, OtherProcessor, Party, Spend, pointOf } from '@lastref/kernel';
import { CLOCK_STOPS, Prng, StepNames, type Trace } from '@lastref/workloads';
import type { Cell, CellInput } from '../cell.ts';
import { Arising } from '../exhaustive/arising.ts';
import { keepsFrames } from '../exhaustive/room.ts';
import { Start } from '../exhaustive/start.ts';
import { drain, sameSymptom, traceOf, type Choice } from '../run-list.ts';
import { Coverage, News } from './coverage.ts';
import { shrink } from './shrink.ts';

export interface BatchOptions {
  readonly runs: number;
  /** Steps that a run takes at random before it is driven to its end. */
  readonly steps: number;
  /** May allocations and devices fail? Connections that the workload itself tears down always may. */
  readonly failures: boolean;
  /** Each host has two: a step of the one may come into a step of the other. Default: one. */
  readonly processors?: 2;
}

export interface SwarmFinding extends Finding {
  /** From the start of the search to the finding, with nothing that can be left out. */
  readonly shortest: number;
  readonly minimal: boolean;
  readonly trace: Trace;
  /** Property, harm, place and the kinds of its steps: findings with the same are one cause. */
  readonly cause: string;
}

/** A run that reached something new, up to the last step that did. */
export interface KeptRun {
  readonly trace: Trace;
  /** What no run of its batch had met before. */
  readonly pairs: readonly number[];
}

export interface Batch {
  readonly runs: number;
  readonly steps: number;
  /** Pairs of (what happened, state of the references) that were met. */
  readonly pairs: readonly number[];
  /** One for each cause. */
  readonly findings: readonly SwarmFinding[];
  readonly exercised: readonly Property[];
  /** Runs that ended as no page frame was left, with most of them in no packet: nobody looks at what would have come next. */
  readonly starved: number;
  /** Runs that reached something new; none where no corpus was given. */
  readonly kept: readonly KeptRun[];
  /** Runs of the corpus that do not apply on this machine: their places in it. */
  readonly stale: readonly number[];
}

/** Runs that are played again on a new machine, to see that the one in use comes back to its start. */
const TRIALS = 3;
/** Kept runs of a batch. */
const CORPUS_MAX = 64;
/** Different symptoms that a batch shrinks each time it meets them: later ones are the same causes, mostly. */
const SHRINKS_PER_SYMPTOM = 3;
/** Sources whose weights a seed draws; more share them. */
const WEIGHTS = 64;
/** Kinds of steps that a seed draws weights for; a teardown has those of a failure. */
const KINDS = Spend.DELAY + 1;

export class Swarm {
  private readonly input: CellInput;
  private readonly options: BatchOptions;
  private start: Start;
  private readonly coverage = new Coverage();
  private readonly arising = new Arising();
  private readonly corpus: (readonly Choice[])[] = [];
  private readonly found: SwarmFinding[] = [];
  private readonly met: { readonly finding: Finding; times: number }[] = [];
  private readonly exercised = new Set<Property>();
  private readonly weights = new Int32Array(WEIGHTS * KINDS);
  private readonly pairs: number[] = [];
  private readonly kept: KeptRun[] = [];
  private readonly known: readonly Trace[] | null;
  private steps = 0;
  private runs = 0;
  private starved = 0;

  /** `known`: runs that other batches kept, which are played first; null: none are given, and none are wanted. */
  constructor(input: CellInput, options: BatchOptions, known: readonly Trace[] | null = null) {
    this.input = options.processors === 2 ? { ...input, processors: 2 } : input;
    this.options = options;
    this.known = known;
    this.start = new Start(this.input, false, true);
  }

  run(): Batch {
    const prng = new Prng(this.input.seed);
    const stale = [...(this.known ?? []).entries()].filter(([, t]) => !this.recall(prng, t));
    for (let n = 0; n < this.options.runs; n++) {
      const taken = this.one(prng);
      if (n < TRIALS && !this.start.comesBack(taken))
        this.start = new Start(this.input, false, false);
    }
    return {
      runs: this.runs,
      steps: this.steps,
      pairs: [...this.coverage.pairs],
      findings: this.found,
      exercised: [...this.exercised],
      starved: this.starved,
      kept: this.kept,
      stale: stale.map(([i]) => i),
    };
  }

  private one(prng: Prng): readonly Choice[] {
    this.drawWeights(prng);
    const cell = this.start.machine();
    const before = cell.judge.step;
    const taken: Choice[] = [];
    const news = new News(this.coverage);
    if (this.corpus.length > 0 && prng.below(2) === 0) this.retell(prng, cell, taken);
    while (taken.length < this.options.steps) {
      const choice = this.pick(prng, cell);
      if (choice === null) break;
      const inside =
        this.options.processors === 2 ? this.comesInto(prng, cell, choice, taken) : null;
      if (inside !== null && cell.take(inside.place, inside.verb, inside.item)) taken.push(inside);
      if (!cell.take(choice.place, choice.verb, choice.item)) continue;
      taken.push(choice);
      news.look(cell, choice);
    }
    this.end(prng, cell, taken, before, news);
    return taken;
  }

  /** Drives a run to its end, and keeps it if it reached something new. */
  private end(prng: Prng, cell: Cell, taken: Choice[], before: number, news: News): void {
    this.runs++;
    const kept = news.fresh ? taken.slice() : [];
    if (news.fresh && this.known !== null)
      this.kept.push({ trace: cell.recorder.upTo(news.last), pairs: news.pairs() });
    const findings = drain(cell, taken);
    this.steps += cell.judge.step - before;
    if (keepsFrames(cell.k)) this.starved++;
    const { verdicts } = cell.judge.judgement();
    for (const [property, verdict] of Object.entries(verdicts))
      if (verdict !== 'not-exercised') this.exercised.add(property as Property);
    if (news.fresh) this.keep(prng, kept);
    for (const finding of findings.slice()) this.meet(finding, taken);
  }

  /** Plays a run that another batch kept; false: it does not apply, and then it is no run. */
  private recall(prng: Prng, trace: Trace): boolean {
    const list = this.listOf(trace);
    if (list === null) return false;
    const cell = this.start.machine();
    const before = cell.judge.step;
    const news = new News(this.coverage);
    for (const choice of list) {
      cell.take(choice.place, choice.verb, choice.item);
      news.look(cell, choice);
    }
    this.end(prng, cell, [...list], before, news);
    return true;
  }

  /** Its steps from the moment when its clock stopped, which is where runs begin; null: one does not apply here. */
  private listOf({ deviations }: Trace): readonly Choice[] | null {
    const cell = this.start.machine();
    const names = new StepNames();
    const list: Choice[] = [];
    const stop = deviations.findIndex((d) => d.step === CLOCK_STOPS);
    for (const { step, item } of deviations.slice(stop + 1)) {
      const found = names.find(cell.k.agenda, step);
      if (found === undefined || !cell.take(found.place, found.verb, item)) return null;
      list.push({ ...found, item });
    }
    return list;
  }

  /** Plays the beginning of a run that reached something new, now and then without one of its steps. */
  private retell(prng: Prng, cell: Cell, taken: Choice[]): void {
    const old = this.corpus[prng.below(this.corpus.length)]!;
    const length = 1 + prng.below(old.length);
    const without = prng.below(2) === 0 ? prng.below(old.length) : -1;
    for (let i = 0; i < length; i++) {
      const choice = old[i]!;
      if (i !== without && cell.take(choice.place, choice.verb, choice.item)) taken.push(choice);
    }
  }

  private keep(prng: Prng, taken: readonly Choice[]): void {
    if (this.corpus.length < CORPUS_MAX) this.corpus.push(taken);
    else this.corpus[prng.below(CORPUS_MAX)] = taken;
  }

  /** For each source and kind of step a power of two, and none for one in six. */
  private drawWeights(prng: Prng): void {
    for (let i = 0; i < this.weights.length; i++)
      this.weights[i] = prng.below(6) === 0 ? 0 : 1 << prng.below(10);
  }

  /** A step at random by weight, or null where nothing has any, or the machine stands still. */
  private pick(prng: Prng, cell: Cell): Choice | null {
    const { agenda } = cell.k;
    const { pairs } = this;
    if (agenda.halted !== Halt.RUNS) return null;
    const out: number[] = [];
    let total = 0;
    for (let place = 0; place < agenda.sources.length; place++) {
      const source = agenda.sources[place]!;
      const fault = source === cell.faults;
      if (!agenda.isArmed(place) && !(fault && this.options.failures)) continue;
      const mayFail = this.options.failures || !(fault || source.party === Party.DEVICE);
      pairs.length = 0;
      source.choices(pairs);
      for (let i = 0; i < pairs.length; i += 2) {
        const spend = source.spend?.(pairs[i]!, pairs[i + 1]!) ?? Spend.NOTHING;
        if (spend === Spend.DELAY || (spend === Spend.FAILURE && !mayFail)) continue;
        const kind = spend === Spend.TEARDOWN ? Spend.FAILURE : spend;
        const weight = this.weights[kind * WEIGHTS + (place % WEIGHTS)]!;
        if (weight === 0) continue;
        total += weight;
        out.push(place, pairs[i]!, pairs[i + 1]!, total);
      }
    }
    if (total === 0) return null;
    const at = prng.below(total);
    for (let i = 0; i < out.length; i += 4) {
      if (at < out[i + 3]!) return { place: out[i]!, verb: out[i + 1]!, item: out[i + 2]! };
    }
    return null;
  }

  /** A step of the other processor, to come into `next`, which follows `taken`; null: none this time. */
  private comesInto(prng: Prng, cell: Cell, next: Choice, taken: readonly Choice[]): Choice | null {
    const { sources, coming } = cell.k.agenda;
    if (coming !== null || prng.below(SELDOM) !== 0) return null;
    const all: Choice[] = [];
    const pairs: number[] = [];
    for (const source of sources) {
      if (!(source instanceof OtherProcessor) || !source.mayMeet(sources[next.place]!)) continue;
      pairs.length = 0;
      source.choices(pairs);
      for (let i = 0; i < pairs.length; i += 2)
        all.push({ place: source.place, verb: pairs[i]!, item: pairs[i + 1]! });
    }
    all.push(...this.arisingIn(cell, next, taken));
    const early = all.filter(({ item }) => pointOf(item) < EARLY_POINTS);
    return early.length === 0 ? null : early[prng.below(early.length)]!;
  }

  /** What `next` would itself make possible: it is taken once to see, and the machine set back. */
  private arisingIn(cell: Cell, next: Choice, taken: readonly Choice[]): readonly Choice[] {
    const { arising, start } = this;
    const moment = start.moment();
    const trial = moment === null ? start.newMachine() : cell;
    if (moment === null) for (const c of taken) trial.take(c.place, c.verb, c.item);
    arising.begin(trial.k, next.place);
    trial.take(next.place, next.verb, next.item);
    arising.end();
    if (moment !== null) start.machineAt(moment);
    return arising.steps;
  }

  private meet(finding: Finding, taken: readonly Choice[]): void {
    let met = this.met.find((m) => sameSymptom(m.finding, finding));
    if (met === undefined) this.met.push((met = { finding, times: 0 }));
    if (met.times++ >= SHRINKS_PER_SYMPTOM) return;
    const shrunk = shrink(this.start, taken, finding);
    if (shrunk === null) return; // it shows only after the end of the run
    const { played, list, minimal } = shrunk;
    const cause = this.causeOf(finding, list, played.cell);
    const known = this.found.findIndex((f) => f.cause === cause);
    if (known >= 0) return;
    const [shown] = played.findings;
    this.found.push({ ...shown!, shortest: played.steps, minimal, trace: traceOf(played), cause });
  }

  /** Which kinds of steps it takes, whatever their order and number. */
  private causeOf(finding: Finding, list: readonly Choice[], cell: Cell): string {
    const { sources } = cell.k.agenda;
    const kinds = list.map((c) => `${sources[c.place]!.name} ${sources[c.place]!.verbs[c.verb]}`);
    const steps = [...new Set(kinds)].sort();
    return `${finding.property} ${finding.harm} ${finding.where}: ${steps.join('; ')}`;
  }
}

/** One in so many steps has another one come in. */
const SELDOM = 4;
/** Most steps have no more points; what waits for one that does not come never comes in. */
const EARLY_POINTS = 8;
