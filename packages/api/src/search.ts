// Every order of steps within a bound.
import {
  explore,
  scopesOf,
  widening,
  widestEnded,
  type Bound,
  type CellInput,
} from '@lastref/search';
import { miniature } from '@lastref/workloads';
import { tokenOf } from '@lastref/runner';
import { eraOf, workloadOf, type CellOptions } from './cell.ts';
import { designIn, mustBeBound, mustBeObject } from './given.ts';

export interface CheckOptions extends Omit<CellOptions, 'seed'> {
  /** What is not named is as `lastref check` has it. */
  readonly bound?: Partial<Bound>;
}

export interface Checked {
  readonly result: 'exhausted' | 'refuted' | 'bound-reached' | 'not-a-proof';
  /** Why a result is no proof; null: it is one. */
  readonly reason: string | null;
  readonly property: string | null;
  readonly text: string | null;
  /** The shortest counterexample, or null. */
  readonly token: string | null;
  readonly steps: number;
  readonly states: number;
  /** The scope that this is said of. */
  readonly bound: Bound;
}

/**
 * Tries every order of the steps of a small `workload`, in one scope after another as `lastref check` does of a candidate; with
 * `bound.operations` or `bound.failures` in that one alone. Takes seconds; `bound.states` limits each. Throws UsageError for a bound
 * that is none, and as `runCell` does.
 */
export function check(options: CheckOptions): Checked {
  mustBeObject('check', 'an object with design and workload', options);
  const { workload: wanted, era: name, bound: some = {} } = options;
  const design = designIn(options.design);
  mustBeBound(some);
  const whole = workloadOf(wanted);
  const era = eraOf(design, name);
  const inputOf = ({ operations }: Bound): CellInput => ({
    design,
    foreign: true, // whoever calls brings it
    workload: miniature(whole, operations),
    era,
    seed: 1,
  });
  const searched = widening(scopesOf(some), (bound) => explore(inputOf(bound), { bound }));
  const { bound, found } = widestEnded(searched);
  const { result, reason, finding, trace, steps, states } = found;
  const token = trace === null ? null : tokenOf(inputOf(bound), trace);
  const { property, text } = finding ?? { property: null, text: null };
  return { result, reason, property, text, token, steps, states, bound };
}
