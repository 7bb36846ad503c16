// The search of one scope, with progress on stderr, and how long each of its passes took.
import type { Property } from '@lastref/judge';
import type { CheckDocument } from '@lastref/report';
import { type Bound, type CellInput, type Exploration, type SharedBuffers } from '@lastref/search';
import { miniature } from '@lastref/workloads';
import { Progress } from '../progress.ts';
import { searching } from '../searching.ts';
import { Passes } from './passes.ts';
import type { Subject } from './subject.ts';

export interface ScopeInput extends Subject {
  readonly bound: Bound;
}

export interface HowSearched {
  readonly reduction: boolean;
  readonly property: Property | undefined;
  /** Another thread may help. */
  readonly help?: ((shared: SharedBuffers) => void) | undefined;
  /** What progress says behind the name. */
  readonly aside: string;
  /** Asked in each state. */
  readonly mustStop: () => boolean;
}

export interface Scoped {
  readonly found: Exploration;
  readonly passes: CheckDocument['passes'];
}

/** The machine that a scope is about, with as many operations as that says. */
export function inputOf({ design, foreign, workload, era, bound }: ScopeInput): CellInput {
  return { design, foreign, workload: miniature(workload, bound.operations), era, seed: 1 };
}

export function searchScope(of: ScopeInput, how: HowSearched): Scoped {
  const began = process.hrtime.bigint();
  const input = inputOf(of);
  const { reduction, property, help, aside, mustStop } = how;
  const progress = new Progress(`check ${input.design.id} ${input.workload.id}${aside}`);
  const passes = new Passes(0);
  const found = searching(input, {
    bound: of.bound,
    reduction,
    help,
    ...(property === undefined ? {} : { property }),
    onProgress(states, depth) {
      passes.note(states, secondsSince(began));
      progress.note(`${states} states, now ${depth} steps deep`);
      return mustStop();
    },
    isOver: mustStop,
  });
  progress.end();
  passes.end(secondsSince(began));
  return { found, passes: passes.of(found) };
}

/** For progress: what a scope has that the first had not. */
export function wider({ failures }: Bound): string {
  return `${failures > 0 ? ' with a failure' : ''}, as nothing was found in less`;
}

export function secondsSince(began: bigint): number {
  return Number(process.hrtime.bigint() - began) / 1e9;
}
