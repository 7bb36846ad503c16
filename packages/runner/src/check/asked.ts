// What a user asks of a search: its scopes, and the property that is looked for alone.
import { PROPERTIES, type Property } from '@lastref/judge';
import { ROOM, SMALL_ROOM, scopesOf, type Scopes, type BoundSaid } from '@lastref/search';
import { UsageError } from '../errors.ts';
import { near } from '../registry.ts';

/** Of the bound what was said; `cpus`: processors of each host. */
export type BoundAsked = BoundSaid & { readonly cpus?: number | undefined };

export interface ScopesAsked {
  /** The number that the workload's name has. */
  readonly operations: number | undefined;
  /** A candidate is asked across two processes, step by step. */
  readonly isCandidate: boolean;
}

/** The usual scopes with what was said. Throws UsageError. */
export function scopesAsked(asked: BoundAsked, { operations, isCandidate }: ScopesAsked): Scopes {
  if (operations !== undefined && (asked.operations ?? operations) !== operations)
    throw new UsageError(
      `~${operations} and --operations ${asked.operations!}: the workload has one number of operations`,
    );
  if (asked.cpus !== 2 && asked.preemptions !== undefined && asked.preemptions > 0)
    throw new UsageError('a step inside a step takes two processors: add --cpus 2');
  const said: BoundSaid = {
    ...asked,
    operations: asked.operations ?? operations,
    preemptions: asked.preemptions ?? (asked.cpus === 2 ? 1 : undefined),
  };
  return scopesOf(said, isCandidate ? SMALL_ROOM : ROOM);
}

/** Throws UsageError for a name that no property has. */
export function propertyCalled(text: string | undefined): Property | undefined {
  if (text === undefined) return undefined;
  const known = PROPERTIES.find((p) => p === text);
  if (known === undefined)
    throw new UsageError(`unknown property '${text}'; ${near(text, PROPERTIES)}`);
  return known;
}
