// What can be taken in a state within a bound: one row a choice.
import {
  FaultStep,
  FaultVerb,
  Halt,
  OtherProcessor,
  Spend,
  type Agenda,
  type StepSource,
} from '@lastref/kernel';
import type { Choice } from '../run-list.ts';
import { spendOne, type Bound } from './bound.ts';

/**
 * A row: where, what, which; what the run has spent behind it; its name; at which host it happens; what it spends; what
 * it waits for.
 */
export const Row = {
  PLACE: 0,
  VERB: 1,
  ITEM: 2,
  SPENT: 3,
  ID: 4,
  HOST: 5,
  SPEND: 6,
  ARM: 7,
  WORDS: 8,
} as const;

/** What a choice that is no step of its own waits for, so that it happens inside the next step. */
export const Arm = {
  NOTHING: 0,
  ALLOCATION: 1,
  /** A packet that is handed to a driver. */
  PACKET: 2,
  /** A point at which the other processor comes in. */
  POINT: 3,
} as const;
export type Arm = (typeof Arm)[keyof typeof Arm];

/** Hosts that lend, and hosts that do not. */
export const Host = { LENDS: 0, LENDS_NOTHING: 1 } as const;
export type Host = (typeof Host)[keyof typeof Host];

/** Choices of one source that can be told apart. */
const PER_SOURCE = 4096;

export interface Choices {
  /** Rows of `Row`. */
  readonly rows: Int32Array;
  /** Nothing can be taken, and only the bound keeps a timer from firing, or a step is half way through. */
  readonly timerCut: boolean;
}

/** What may come next in a machine whose run has spent `spent` so far. */
export function choicesWithin(bound: Bound, agenda: Agenda, spent: number): Choices {
  const rows: number[] = [];
  const pairs: number[] = [];
  let timerCut = false;
  const { coming, sources, halted } = agenda;
  if (halted !== Halt.RUNS) return { rows: new Int32Array(0), timerCut: halted === Halt.CUT };
  for (let place = 0; place < sources.length; place++) {
    const source = sources[place]!;
    if (!agenda.isArmed(place) && !isOffAgenda(bound, source)) continue;
    if (agenda.isRefused(place) || coming?.mayMeet(source) === false) continue;
    const host = source.lendsNothing === true ? Host.LENDS_NOTHING : Host.LENDS;
    pairs.length = 0;
    source.choices(pairs);
    for (let i = 0; i < pairs.length; i += 2) {
      const verb = pairs[i]!;
      const item = pairs[i + 1]!;
      const spend = spendOf(source, verb, item);
      const after = spendOne(bound, spent, spend);
      // the same name in all machines of one shape: its source, and which of its choices
      const id = place * PER_SOURCE + i;
      if (after >= 0) rows.push(place, verb, item, after, id, host, spend, armOf(source, verb));
      else if (spend === Spend.TIMEOUT) timerCut = true;
    }
  }
  return { rows: new Int32Array(rows), timerCut: timerCut && rows.length === 0 };
}

/** A step that may be taken next, and what a bound would count it as. */
export interface Possible extends Choice {
  readonly spend: Spend;
}

/**
 * What may be taken next, without any bound; nothing in which only time passes, as any step may be next. `failures`: also
 * allocations and devices that fail.
 */
export function possible(agenda: Agenda, failures: boolean): Possible[] {
  const found: Possible[] = [];
  if (agenda.halted !== Halt.RUNS) return found;
  const pairs: number[] = [];
  for (const [place, source] of agenda.sources.entries()) {
    if (!agenda.isArmed(place) && !(failures && source instanceof FaultStep)) continue;
    if (agenda.isRefused(place)) continue;
    pairs.length = 0;
    source.choices(pairs);
    for (let i = 0; i < pairs.length; i += 2) {
      const [verb, item] = [pairs[i]!, pairs[i + 1]!];
      const spend = spendOf(source, verb, item);
      if (spend !== Spend.DELAY) found.push({ place, verb, item, spend });
    }
  }
  return found;
}

export function spendOf(source: StepSource, verb: number, item: number): Spend {
  return source.spend === undefined ? Spend.NOTHING : source.spend(verb, item);
}

/** May it tear something down? */
export function tearsDown(source: StepSource): boolean {
  return source.verbs.some((_, verb) => spendOf(source, verb, 0) === Spend.TEARDOWN);
}

function armOf(source: StepSource, verb: number): Arm {
  if (source instanceof OtherProcessor) return Arm.POINT;
  if (!(source instanceof FaultStep) || verb === FaultVerb.RUN_QUEUE) return Arm.NOTHING;
  return verb === FaultVerb.ALLOCATION ? Arm.ALLOCATION : Arm.PACKET;
}

/** Row of the choice called `id`, or -1. */
export function rowOf(rows: Int32Array, id: number): number {
  for (let at = 0; at < rows.length; at += Row.WORDS) if (rows[at + Row.ID] === id) return at;
  return -1;
}

/** Failures, and steps of another processor, are not on the agenda: no clock may take them. */
function isOffAgenda(bound: Bound, source: StepSource): boolean {
  return (
    (bound.failures > 0 && source instanceof FaultStep) ||
    (bound.preemptions > 0 && source instanceof OtherProcessor)
  );
}
