// What a search comes to.
import type { Finding } from '@lastref/judge';
import type { Edge } from './edges.ts';

export interface Found {
  readonly finding: Finding;
  readonly path: readonly Edge[];
  /** Steps of that run. */
  readonly steps: number;
  /** It shows only when the run is over. */
  readonly atEnd: boolean;
}

/** A machine that came back to a moment was not as one that got there from the beginning. */
export class NotAsNew extends Error {
  constructor() {
    super(
      'a machine that was set back to its start is not as one that was never used: the design keeps state that no field of its own holds',
    );
  }
}
