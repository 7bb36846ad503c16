// A run as a list of steps from the start of a search on: what swarm and shrinking work with. Any part of a
// list is a list: steps that do not apply are skipped.
import { FOUND_AT_END, type Finding } from '@lastref/judge';
import type { Trace } from '@lastref/workloads';
import type { Cell } from './cell.ts';

/** A step: where, what, which. */
export interface Choice {
  readonly place: number;
  readonly verb: number;
  readonly item: number;
}

/** Where lists begin. */
export interface Origin {
  /** A machine at the beginning. Only one is in use at any time. */
  machine(): Cell;
}

/** Steps by the clock that a run may take to its end before it is given up. */
const DRAIN_MAX = 600;

export interface Played {
  readonly cell: Cell;
  /** The steps that applied. */
  readonly taken: readonly Choice[];
  readonly findings: readonly Finding[];
  /** Steps from the start to the end, or to the finding that was looked for. */
  readonly steps: number;
}

/** What has to show again: a finding of the same property, harm and place. */
export type Symptom = Pick<Finding, 'property' | 'harm' | 'where'>;

export function sameSymptom(a: Symptom, b: Symptom): boolean {
  return a.property === b.property && a.harm === b.harm && a.where === b.where;
}

/** Takes what is left to do in the order of the clock, and ends the run. The steps go to `taken`. */
export function drain(cell: Cell, taken: Choice[]): readonly Finding[] {
  const { agenda } = cell.k;
  for (let n = 0; n < DRAIN_MAX; n++) {
    if (agenda.atRest) break;
    const place = agenda.earliest();
    const item = agenda.sources[place]!.item();
    if (cell.take(place, 0, item)) taken.push({ place, verb: 0, item });
  }
  return cell.finish().judgement.findings;
}

/** Plays `list` on a machine at the start, until `symptom` shows or to the end. */
export function playList(start: Origin, list: readonly Choice[], symptom: Symptom): Played | null {
  const cell = start.machine();
  const before = cell.judge.step;
  const taken: Choice[] = [];
  const shown = () => cell.judge.everything.find((f) => sameSymptom(f, symptom));
  for (const choice of list) {
    if (!cell.take(choice.place, choice.verb, choice.item)) continue;
    taken.push(choice);
    const finding = shown();
    if (finding !== undefined)
      return { cell, taken, findings: [finding], steps: finding.step + 1 - before };
  }
  if (!FOUND_AT_END.has(symptom.property)) return null;
  drain(cell, []);
  const finding = shown();
  if (finding === undefined) return null;
  return { cell, taken, findings: [finding], steps: cell.judge.step - before };
}

/** The trace of a run that showed `finding`. */
export function traceOf(played: Played): Trace {
  return played.cell.recorder.upTo(played.findings[0]!.step);
}
