// How a difference between kernels is written down: what kernels that have it do, since when, and where that can be read.
import type { Change } from '../tree.ts';

export interface KnownChange extends Change {
  /** What kernels that have it do. */
  readonly what: string;
  /** The commit, or the file in trees that were read. */
  readonly source: string;
}

/** `release` of the trunk. */
export function at(mainline: string, what: string, source: string): KnownChange {
  return { mainline, backports: [], what, source };
}

/** In no kernel yet: a plus behind an era tries it. */
export function proposed(what: string, where: string): KnownChange {
  return { mainline: null, backports: [], what, source: `proposed: ${where}` };
}

/** `release` of the trunk, and the first release of each branch that got it. */
export function backported(
  mainline: string | null,
  backports: readonly string[],
  what: string,
  source: string,
): KnownChange {
  return { mainline, backports, what, source };
}
