// What a user asks of a search: its bound, and the property that is looked for alone.
import { PROPERTIES, type Property } from '@lastref/judge';
import { DEFAULT_BOUND, type Bound } from '@lastref/search';
import { UsageError } from '../errors.ts';
import { near } from '../registry.ts';

/** Of the bound what was said; `cpus`: processors of each host. */
export type BoundAsked = { readonly [key in keyof Bound]?: number | undefined } & {
  readonly cpus?: number | undefined;
};

/** The usual bound with what was said; `operations`: those that the workload's name has. Throws UsageError. */
export function boundAsked(asked: BoundAsked, operations: number | undefined): Bound {
  const bound: Record<string, number> = { ...DEFAULT_BOUND };
  if (operations !== undefined) {
    if (asked.operations !== undefined && asked.operations !== operations)
      throw new UsageError(
        `~${operations} and --operations ${asked.operations}: the workload has one number of operations`,
      );
    bound['operations'] = operations;
  }
  if (asked.cpus === 2) bound['preemptions'] = 1;
  else if (asked.preemptions !== undefined && asked.preemptions > 0)
    throw new UsageError('a step inside a step takes two processors: add --cpus 2');
  for (const key of Object.keys(DEFAULT_BOUND) as (keyof Bound)[]) {
    const set = asked[key];
    if (set !== undefined) bound[key] = set;
  }
  return bound as unknown as Bound;
}

/** Throws UsageError for a name that no property has. */
export function propertyCalled(text: string | undefined): Property | undefined {
  if (text === undefined) return undefined;
  const known = PROPERTIES.find((p) => p === text);
  if (known === undefined)
    throw new UsageError(`unknown property '${text}'; ${near(text, PROPERTIES)}`);
  return known;
}
