// One cell: a design on a workload, driven by a picker, watched by a judge.
import { createHash } from 'node:crypto';
import { structSizes } from '@lastref/layout';
import { Judge, PROPERTIES, type Finding, type Judgement } from '@lastref/judge';
import {
  FaultStep,
  Halt,
  addOtherProcessor,
  Kernel,
  NotInEra,
  isProgram,
  Side,
  Tee,
  type Design,
  type End,
  type Era,
  type Probe,
} from '@lastref/kernel';
import {
  ClockPicker,
  ProcessorPicker,
  Recorder,
  TracePicker,
  lacks,
  takeEarliest,
  takesTwoProcessors,
  type Picker,
  type Scenario,
  type Trace,
  type Workload,
} from '@lastref/workloads';
import { MachineFingerprint } from './exhaustive/machine-fingerprint.ts';

export interface CellInput {
  readonly design: Design;
  /** Nobody has read it: it may be after whatever a design is told. */
  readonly foreign?: boolean;
  readonly workload: Workload;
  readonly era: Era;
  readonly seed: number;
  /** What the machine is given in place of `era`: the same behaviour, by something that notes what is asked of it. */
  readonly watched?: Era;
  /** A second processor, whose steps may come in; a trace that has one brings its own. */
  readonly processors?: 1 | 2;
  /** Bytes for the machine to live in, all zero: who makes many machines, one after the other, has them once. */
  readonly mem?: Uint8Array;
}

export interface CellResult {
  readonly judgement: Judgement;
  /** Why verdicts are `not-judged`; '': none is. */
  readonly notJudged: string;
  /** The trace up to each finding, in the order of the findings. */
  readonly traces: readonly Trace[];
  /** The same of findings that stand beside the word. */
  readonly besideTraces: readonly Trace[];
  readonly steps: number;
  readonly ticks: number;
  /** Nothing was left on the agenda but, perhaps, somebody whom the design lets wait for ever. */
  readonly drained: boolean;
  readonly costs: Readonly<Record<'lent' | 'ordinary' | 'peer', Readonly<Record<string, number>>>>;
  readonly progress: readonly { name: string; done: number; of: number }[];
  /** Of the state at the end: the same run gives the same digest anywhere. '': of one that was put off and found nothing. */
  readonly digest: string;
}

/** A machine with its judge and scenario, before the first step. */
export class Cell {
  readonly input: CellInput;
  readonly judge: Judge;
  readonly k: Kernel;
  readonly scenario: Scenario;
  readonly recorder: Recorder;
  /** What can fail, for those who want it to. */
  readonly faults: FaultStep;

  /** `listeners` are told all that the judge is told, after it. */
  constructor(input: CellInput, judge = new Judge(), ...listeners: readonly Probe[]) {
    const lack = lacks(input.workload, input.era, input.design.over);
    if (lack !== null) throw new NotInEra(`${input.workload.id} in ${input.era.id}: ${lack}`);
    this.input = input;
    this.judge = judge;
    const probe = listeners.length === 0 ? judge : new Tee(judge, ...listeners);
    const { design, workload, era, watched = era } = input;
    const { memory } = workload;
    const mem = input.mem ?? (memory === undefined ? undefined : new Uint8Array(memory));
    const structs = structSizes(design, era.id);
    this.k = new Kernel(design, watched, probe, workload.frames, mem, structs);
    this.recorder = new Recorder(this.k.agenda);
    this.judge.attach(this.k);
    this.scenario = input.workload.build(this.k, input.seed);
    const { sources } = this.k.agenda;
    this.faults = sources.find((s) => s instanceof FaultStep) ?? new FaultStep(this.k);
    if (input.processors === 2) addOtherProcessor(this.k);
  }

  /** Runs by the clock until nothing is left to do, or the workload's horizon. */
  runByClock(): CellResult {
    const picker = new ClockPicker(this.input.seed, this.scenario.chances, this.recorder);
    return this.#run(picker, this.input.workload.horizonTicks);
  }

  /** The same, where the processors of both hosts take the time that the ledger charges, by one end of the prices. */
  runByProcessors(end: End): CellResult {
    const { chances } = this.scenario;
    const picker = new ProcessorPicker(this.k, end, this.input.seed, chances, this.recorder);
    return this.#run(picker, this.input.workload.horizonTicks);
  }

  /**
   * By the clock alone, but as soon as something is lent no program that reads and no guest does anything any more: who has not been
   * told when all else is done is told only if they go on. null: nothing in the machine is theirs.
   */
  runWithheld(): CellResult | null {
    const { k, judge } = this;
    const { agenda } = k;
    const picker = new ClockPicker(this.input.seed, this.scenario.chances, this.recorder);
    const { horizonTicks } = this.input.workload;
    const lent = (): boolean => judge.lentLoans > 0;
    while (!lent() && agenda.now <= horizonTicks && picker.step(agenda)) judge.afterStep();
    if (!lent() || !agenda.sources.some(isProgram)) return null;
    this.stopPrograms();
    return this.#run(picker, horizonTicks);
  }

  /** Gives the machine what `trace` needs: a second processor, if one comes in. Before the first step. */
  prepare(trace: Trace): void {
    if (this.input.processors !== 2 && takesTwoProcessors(this.k.agenda, trace))
      addOtherProcessor(this.k);
  }

  /** Plays a trace. */
  play(trace: Trace): CellResult {
    this.prepare(trace);
    return this.#run(new TracePicker(trace), Number.MAX_SAFE_INTEGER);
  }

  #run(picker: Picker, horizon: number): CellResult {
    const { k, judge } = this;
    const { agenda } = k;
    while (agenda.now <= horizon && picker.step(agenda)) judge.afterStep();
    return this.finish();
  }

  /** Takes the earliest step. */
  clock(): void {
    this.recorder.clock();
    takeEarliest(this.k.agenda);
    this.judge.afterStep();
  }

  /** Takes a certain step; false if it does not apply, and then it is no step. */
  take(place: number, verb: number, item: number): boolean {
    const { agenda } = this.k;
    if (agenda.sources[place] === undefined) return false;
    const { now } = agenda;
    agenda.advance(place);
    if (!agenda.take(place, verb, item)) {
      agenda.now = now;
      return false;
    }
    this.recorder.deviate(place, verb, item);
    this.judge.afterStep();
    return true;
  }

  /** The clock stands still: from here on any step may be taken next. */
  stopClock(): void {
    this.recorder.clockStops();
    this.k.agenda.stopped = true;
    this.judge.afterStep();
  }

  /** Programs that read, and guests, do nothing from here on. */
  stopPrograms(): void {
    this.recorder.programsStop();
    this.k.agenda.withholding = true;
    this.judge.afterStep();
  }

  /** The run is over: what the judge says. */
  over(): Judgement {
    const { drained } = this;
    if (drained && !this.k.agenda.withholding)
      for (const participant of this.scenario.participants) participant.ended?.();
    this.judge.finish(drained);
    const judged = this.judge.judgement();
    return this.notJudged === '' ? judged : withheld(judged);
  }

  private get drained(): boolean {
    const { agenda } = this.k;
    return agenda.halted === Halt.RUNS && agenda.atRest;
  }

  private get notJudged(): string {
    return this.input.workload.unjudged?.(this.k) ?? '';
  }

  /** The run is over: what the judge says, and what it cost. */
  finish(): CellResult {
    const { k, judge, drained, notJudged } = this;
    const judgement = this.over();
    const { ledger } = k;
    const found = judgement.findings.length + judgement.beside.length > 0;
    return {
      judgement,
      notJudged,
      traces: judgement.findings.map((f: Finding) => this.recorder.upTo(f.step)),
      besideTraces: judgement.beside.map((f: Finding) =>
        this.recorder.upTo(Math.min(f.step, judge.step - 1)),
      ),
      steps: judge.step - 1,
      ticks: k.agenda.now,
      drained,
      costs: {
        lent: ledger.side(Side.LENT),
        ordinary: ledger.side(Side.ORDINARY),
        peer: ledger.side(Side.PEER),
      },
      progress: this.scenario.participants.map((p) => ({ name: p.name, ...p.progress() })),
      digest: k.agenda.withholding && !found ? '' : digestOf(k, judge.step - 1, this.input.era.id),
    };
  }
}

/** The judgement with no verdict but on what was refuted. */
function withheld(judgement: Judgement): Judgement {
  const verdicts = { ...judgement.verdicts };
  for (const property of PROPERTIES)
    if (verdicts[property] !== 'refuted') verdicts[property] = 'not-judged';
  return { ...judgement, verdicts };
}

const left = new MachineFingerprint(false);

/**
 * A digest of what `steps` steps left behind: what holders and producers have, as the machine's classes declare it,
 * costs, and how much is in use, also of what nobody can reach any more.
 */
export function digestOf(k: Kernel, steps: number, era = k.era.id): string {
  left.machine(k);
  const hash = createHash('sha256');
  hash.update(`${k.design.id} ${era} ${steps} ${left.lo} ${left.hi}\n`);
  hash.update(k.ledger.totals().join(','));
  hash.update(`${k.skbs.used} ${k.fclones.used} ${k.shinfos.used}`);
  return hash.digest('hex').slice(0, 16);
}
