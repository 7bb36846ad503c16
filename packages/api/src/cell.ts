// One cell: a design on a workload, by the clock, judged.
import type { Design, Era } from '@lastref/kernel';
import { cellWord, headline, type CompareRow } from '@lastref/report';
import { UsageError, findEra, mustPlay, mustSuit, near, ownEra } from '@lastref/runner';
import { rowIn, runClock } from '@lastref/runner/compare';
import { WORKLOADS, workloadCalled, type Workload } from '@lastref/workloads';
import { sourceOfCapture } from './capture.ts';

export interface CellOptions {
  readonly design: Design;
  /** By its id, or a miniature such as `nfs-odirect~2`, or one that a capture drives. */
  readonly workload: string | Workload;
  /** A kernel by its name; the design's own, if none is named. */
  readonly era?: string;
  /** 1, if none is named. */
  readonly seed?: number;
}

export interface CellVerdict extends CompareRow {
  /** The gravest of what was found, or `holds`, `copied`, `-`: as tables have it. */
  readonly word: string;
  /** The same with brackets and letters: `(holds u)`. */
  readonly shown: string;
}

/**
 * Runs `design` on `workload` until nothing is left to do. Throws UsageError for a name that nobody has, and for a
 * kernel that cannot play the workload.
 */
export function runCell({
  design,
  workload: wanted,
  era: name,
  seed = 1,
}: CellOptions): CellVerdict {
  const workload = workloadOf(wanted);
  const era = eraOf(design, name);
  mustSuit(design, workload);
  mustPlay(workload, era, design.over);
  const answer = runClock({ design, workload, era, seed }, 1, sourceOfCapture(workload));
  const row = rowIn(design, workload, era.id, answer)!;
  const word = headline(row);
  return { ...row, word, shown: cellWord(row, word) };
}

export function workloadOf(wanted: string | Workload): Workload {
  if (typeof wanted !== 'string') return wanted;
  const found = workloadCalled(wanted);
  if (found !== undefined) return found;
  const known = WORKLOADS.map((w) => w.id);
  throw new UsageError(`unknown workload '${wanted}'; ${near(wanted, known)}`);
}

export function eraOf(design: Design, name: string | undefined): Era {
  return name === undefined ? ownEra(design) : findEra(name);
}
