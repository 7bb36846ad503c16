// What callers give. No compiler need have read their code: whatever is no such thing is said in one line, before anything runs.
import type { Design, PageLifetime } from '@lastref/kernel';
import { UsageError, cardFault, near } from '@lastref/runner';
import { HOOKS } from '@lastref/runner/rules';
import { DEFAULT_BOUND, SPEND_MAX, type Bound } from '@lastref/search';
import { MINIATURE_MAX, type Workload } from '@lastref/workloads';

const SHOWN_MAX = 60;

/** A value for a message, on one line, of which no code runs. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value).slice(1, -1);
    return text.length <= SHOWN_MAX ? `'${text}'` : `'${text.slice(0, SHOWN_MAX)}…'`;
  }
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'function' || typeof value === 'symbol'
    ? `a ${typeof value}`
    : String(value);
}

function wrong(what: string, wanted: string, value: unknown): never {
  throw new UsageError(`${what}: ${wanted} is wanted, not ${shown(value)}`);
}

export function mustBeObject(what: string, wanted: string, o: unknown): asserts o is object {
  if (typeof o !== 'object' || o === null || Array.isArray(o)) wrong(what, wanted, o);
}

export function mustBeText(what: string, wanted: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') wrong(what, wanted, text);
}

/** No file has such a name. */
export function mustBePath(what: string, wanted: string, path: unknown): asserts path is string {
  mustBeText(what, wanted, path);
  if (path.includes('\0')) wrong(what, wanted, path);
}

export function mustBeBytes(what: string, bytes: unknown): asserts bytes is Uint8Array {
  if (!(bytes instanceof Uint8Array)) wrong(what, 'a Uint8Array', bytes);
}

export function mustBeWhole(what: string, n: unknown, min: number, max: number): void {
  if (!Number.isInteger(n) || (n as number) < min || (n as number) > max)
    wrong(what, `a whole number from ${min} to ${max}`, n);
}

/** By what a caller gave: `lastref layout` and others know a design by which object it is. */
const given = new WeakMap<object, Design>();

/** `design`, if it is one, which says so if what it creates has not all hooks. */
export function designIn(design: unknown): Design {
  mustBeObject('design', "a design's card with its create function", design);
  const create: unknown = Reflect.get(design, 'create');
  if (typeof create !== 'function') wrong('design.create', 'a function', create);
  const fault = cardFault(design);
  if (fault !== null) throw new UsageError(`design.${fault}`);
  let one = given.get(design);
  if (one === undefined) given.set(design, (one = complete(design as Design)));
  return one;
}

function complete(design: Design): Design {
  return {
    ...design,
    create(services) {
      const made = design.create(services) as unknown;
      const what = `what create of ${design.id} returned`;
      mustBeObject(what, 'a PageLifetime, such as extends GetPutPage,', made);
      const missing = HOOKS.find((hook) => typeof Reflect.get(made, hook) !== 'function');
      if (missing !== undefined) throw new UsageError(`${what} has no hook ${missing}`);
      return made as PageLifetime;
    },
  };
}

/** A workload of the catalog, or one that a capture drives. */
export function mustBeWorkload(workload: unknown): asserts workload is string | Workload {
  if (typeof workload === 'string') return;
  const wanted = 'the name of a workload, or one of captureWorkloads';
  mustBeObject('workload', wanted, workload);
  const isOne =
    typeof Reflect.get(workload, 'id') === 'string' &&
    typeof Reflect.get(workload, 'build') === 'function';
  if (!isOne) wrong('workload', wanted, workload);
}

/** 32 bits of it count. */
const SEED_MAX = 2 ** 32 - 1;

export const mustBeSeed = (seed: unknown): void => mustBeWhole('seed', seed, 0, SEED_MAX);

/** From where to where each goes: counts have four bits in a state, and one more would be taken for another count. */
const RANGES: Readonly<Record<keyof Bound, readonly [min: number, max: number]>> = {
  operations: [1, MINIATURE_MAX],
  retransmissions: [0, SPEND_MAX],
  drops: [0, SPEND_MAX],
  duplicates: [0, SPEND_MAX],
  overtakes: [0, SPEND_MAX],
  failures: [0, SPEND_MAX],
  teardowns: [0, SPEND_MAX],
  preemptions: [0, SPEND_MAX],
  flight: [1, 1000],
  steps: [1, 100_000],
  states: [1, 50_000_000],
};

/** A number that is none would bound nothing, or all: a search of nothing at all is soon exhausted. */
export function mustBeBound(bound: unknown): asserts bound is Partial<Bound> {
  mustBeObject('bound', 'an object with numbers', bound);
  for (const [name, n] of Object.entries(bound) as [string, unknown][]) {
    if (!Object.hasOwn(RANGES, name))
      throw new UsageError(
        `bound has no ${shown(name)}; ${near(name, Object.keys(DEFAULT_BOUND))}`,
      );
    if (n === undefined) continue; // as if it were not named
    const [min, max] = RANGES[name as keyof Bound];
    mustBeWhole(`bound.${name}`, n, min, max);
  }
}
