// Every order of steps within a bound.
import { DEFAULT_BOUND, explore, type Bound } from '@lastref/search';
import { miniature } from '@lastref/workloads';
import { tokenOf } from '@lastref/runner';
import { eraOf, workloadOf, type CellOptions } from './cell.ts';

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
}

/** Tries every order of the steps of a small `workload`. Takes seconds; `bound.states` limits it. */
export function check({ design, workload: wanted, era: name, bound: some }: CheckOptions): Checked {
  const bound = { ...DEFAULT_BOUND, ...some };
  const workload = miniature(workloadOf(wanted), bound.operations);
  const input = { design, workload, era: eraOf(design, name), seed: 1 };
  const { result, reason, finding, trace, steps, states } = explore(input, { bound });
  const token = trace === null ? null : tokenOf(input, trace);
  const { property, text } = finding ?? { property: null, text: null };
  return { result, reason, property, text, token, steps, states };
}
