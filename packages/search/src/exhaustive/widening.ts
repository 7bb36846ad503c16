// One scope after another, as long as nothing is found: most of what is wrong shows in the first, within a second, and a proof
// is one of the widest that came to its end.
import { DEFAULT_BOUND, type Bound } from './bound.ts';
import type { Exploration } from './explore.ts';

/** What somebody said of a bound. */
export type BoundSaid = { readonly [key in keyof Bound]?: number | undefined };

/** States of each wider scope, unless more are asked for: of more operations, and of failures too. */
export interface Room {
  readonly operations: number;
  readonly failures: number;
}

/** With twice as much for failures, and a third more for operations, no more of 51 cells came to the end of another scope. */
export const ROOM: Room = { operations: 3 << 16, failures: 1 << 16 };
/** For what is asked step by step, across processes. */
export const SMALL_ROOM: Room = { operations: 1 << 12, failures: 1 << 12 };

/** Operations and failures of the wider scopes. */
const WIDER = { operations: 2, failures: 1 };

export type Scopes = readonly [Bound, ...Bound[]];

/**
 * The scopes of a search of which so much was said: the usual one, one with a failure, one with more operations, one with both.
 * Who says how many operations or failures means that scope alone; two processors are a question of their own.
 */
export function scopesOf(said: BoundSaid, room: Room = ROOM): Scopes {
  const counts: Record<keyof Bound, number> = { ...DEFAULT_BOUND };
  for (const key of Object.keys(counts) as (keyof Bound)[]) counts[key] = said[key] ?? counts[key];
  const first: Bound = counts;
  const isAlone = said.operations !== undefined || said.failures !== undefined;
  if (isAlone || first.preemptions > 0) return [first];
  const { operations, failures } = WIDER;
  const withFailures = said.states ?? room.failures;
  return [
    first,
    { ...first, failures, states: withFailures },
    { ...first, operations, states: said.states ?? room.operations },
    { ...first, operations, failures, states: withFailures },
  ];
}

/** A scope that is to be searched, and what was searched before it. */
export interface Asked {
  readonly bound: Bound;
  readonly before: readonly Searched[];
}

/** A scope, and what the search of it came to. */
export interface Searched {
  readonly bound: Bound;
  readonly found: Exploration;
}

/**
 * Asks for one scope after another, up to the first in which something is found, and for what each came to. What is within
 * none that was left open.
 */
export function* scopeByScope(scopes: Scopes): Generator<Asked, readonly Searched[], Exploration> {
  const all: Searched[] = [];
  for (const bound of scopes) {
    if (all.some(({ bound: b, found }) => found.result === 'bound-reached' && isWithin(b, bound)))
      continue;
    const found = yield { bound, before: all };
    all.push({ bound, found });
    if (found.result === 'refuted' || found.result === 'not-a-proof') break;
  }
  return all;
}

/** Searches them in this order. */
export function widening(
  scopes: Scopes,
  search: (bound: Bound, before: readonly Searched[]) => Exploration,
): readonly Searched[] {
  const asks = scopeByScope(scopes);
  let ask = asks.next();
  while (ask.done !== true) ask = asks.next(search(ask.value.bound, ask.value.before));
  return ask.value;
}

/** Of what was searched, the one that is told of: the widest that came to its end, or the first. */
export function widestEnded(all: readonly Searched[]): Searched {
  return all.findLast(({ found }) => found.result !== 'bound-reached') ?? all[0]!;
}

/** Is all that happens within one bound within the other, too? Of states alone it may visit more. */
export function isWithin(narrow: Bound, wide: Bound): boolean {
  return (Object.keys(narrow) as (keyof Bound)[]).every(
    (key) => key === 'states' || narrow[key] <= wide[key],
  );
}
