// What other people's tools are told of a run: cells, and what was found in each, whatever command found it.
import type { Harm, Property } from '@lastref/judge';

export interface JudgedFinding {
  readonly property: Property;
  /** null: the command does not say. */
  readonly harm: Harm | null;
  /** What was found, in a sentence. */
  readonly text: string;
  /** Plays it; null: there is none. */
  readonly token: string | null;
}

/** A design on a workload, an operation or a story, in one kernel. */
export interface JudgedCell {
  readonly design: string;
  readonly on: string;
  readonly era: string;
  /** Why it was not judged; null: it was. */
  readonly notJudged: string | null;
  readonly findings: readonly JudgedFinding[];
}

/** What becomes of a finding. `known`: somebody excluded it; `beside`: it is not of the kinds that are asked for. */
export type Standing = 'counts' | 'known' | 'beside';

export interface JudgedRun {
  readonly version: string;
  readonly commit: string;
  /** As it was typed. */
  readonly command: string;
  /** When it was made: UTC, to the second. */
  readonly at: string;
  readonly cells: readonly JudgedCell[];
  standing(cell: JudgedCell, finding: JudgedFinding): Standing;
  /** The file of a design, for tools that show findings in sources; relative where it can be. */
  fileOf(design: string): string;
  /** The command that plays a token. */
  replay(token: string): string;
}

/** 'early (hazard)': a finding in two words. */
export function kindText({ property, harm }: JudgedFinding): string {
  return harm === null ? property : `${property} (${harm})`;
}
