// What a search comes to.
import type { Finding } from '@lastref/judge';
import type { Trace } from '@lastref/workloads';
import type { Choice } from '../run-list.ts';
import type { Edge } from './edges.ts';

export interface Found {
  readonly finding: Finding;
  readonly path: readonly Edge[];
  /** Steps of that run. */
  readonly steps: number;
  /** It shows only when the run is over. */
  readonly atEnd: boolean;
}

/** The run to a finding, as it was played. */
export interface Run {
  readonly finding: Finding;
  readonly trace: Trace;
  /** Steps from the start of the search. */
  readonly steps: number;
  /** All that were taken, also those that follow by themselves. */
  readonly list: readonly Choice[];
}

/** A machine that came back to a moment was not as one that got there from the beginning. */
export class NotAsNew extends Error {
  constructor() {
    super(
      'a machine that was set back to its start is not as one that was never used: the design keeps state that no field of its own holds',
    );
  }
}
