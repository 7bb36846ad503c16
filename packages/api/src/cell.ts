// One cell: a design on a workload, by the clock, judged.
import type { Design, Era } from '@lastref/kernel';
import { cellWord, headline, type CompareRow } from '@lastref/report';
import { UsageError, findEra, mustPlay, mustSuit, near, ownEra } from '@lastref/runner';
import { rowIn, runClock } from '@lastref/runner/compare';
import { WORKLOADS, workloadCalled, type Workload } from '@lastref/workloads';
import { sourceOfCapture } from './capture.ts';
import { designIn, mustBeObject, mustBeSeed, mustBeText, mustBeWorkload, shown } from './given.ts';

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
 * Runs `design` on `workload` until nothing is left to do. Throws UsageError for a name that nobody has, for what is no
 * design, seed or workload, and for a kernel that cannot play it.
 */
export function runCell(options: CellOptions): CellVerdict {
  mustBeObject('runCell', 'an object with design and workload', options);
  const { workload: wanted, era: name, seed = 1 } = options;
  const design = designIn(options.design);
  mustBeSeed(seed);
  const workload = workloadOf(wanted);
  const era = eraOf(design, name);
  mustSuit(design, workload);
  mustPlay(workload, era, design.over);
  const answer = runClock({ design, workload, era, seed }, 1, sourceOfCapture(workload));
  const row = rowIn(design, workload, era.id, answer)!;
  const word = headline(row);
  return { ...row, word, shown: cellWord(row, word) };
}

/** No name is longer: to look for the near ones takes as long as it is. */
const NAME_MAX = 100;

export function workloadOf(wanted: string | Workload): Workload {
  mustBeWorkload(wanted);
  if (typeof wanted !== 'string') return wanted;
  const found = workloadCalled(wanted);
  if (found !== undefined) return found;
  const known = WORKLOADS.map((w) => w.id);
  throw new UsageError(
    `unknown workload ${shown(wanted)}; ${near(wanted.slice(0, NAME_MAX), known)}`,
  );
}

export function eraOf(design: Design, name: string | undefined): Era {
  if (name === undefined) return ownEra(design);
  mustBeText('era', 'the name of a kernel', name);
  return findEra(name);
}
