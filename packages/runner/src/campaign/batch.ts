// One batch of a campaign: random runs of one design on one workload, as a record that is kept in a file.
import type { Damage } from '@lastref/judge';
import type { Who } from '@lastref/kernel';
import { threatOf } from '../threat.ts';
import type { Harm, Property } from '@lastref/judge';
import { Swarm, type BatchOptions, type CellInput } from '@lastref/search';
import { WORKLOADS, miniature, type Workload } from '@lastref/workloads';
import { questionWorkloads, type House } from '../house.ts';
import { tokenOf } from '../token.ts';

/** Operations of the workloads of a campaign: enough that two loans meet in one skb. */
const OPERATIONS = 2;

export interface BatchFinding {
  readonly property: Property;
  readonly damage: Damage;
  readonly who: Who | null;
  readonly harm: Harm;
  readonly where: string;
  readonly text: string;
  readonly token: string;
  readonly steps: number;
  readonly minimal: boolean;
  readonly cause: string;
}

export interface BatchRecord {
  readonly round: number;
  readonly design: string;
  readonly workload: string;
  readonly runs: number;
  readonly steps: number;
  /** Pairs of (what happened, state of the references). */
  readonly pairs: number;
  readonly exercised: readonly Property[];
  readonly findings: readonly BatchFinding[];
}

/** What a campaign runs: every workload in miniature, and those that questions bring: every operation of the matrix. */
export async function swarmWorkloads(house: House): Promise<Workload[]> {
  return [...WORKLOADS.map((w) => miniature(w, OPERATIONS)), ...(await questionWorkloads(house))];
}

export function runBatch(input: CellInput, round: number, options: BatchOptions): BatchRecord {
  const batch = new Swarm(input, options).run();
  return {
    round,
    design: input.design.id,
    workload: input.workload.id,
    runs: batch.runs,
    steps: batch.steps,
    pairs: batch.pairs.length,
    exercised: batch.exercised,
    findings: batch.findings.map((f) => ({
      property: f.property,
      ...threatOf(f.property, input.workload),
      harm: f.harm,
      where: f.where,
      text: f.text,
      token: tokenOf(input, f.trace),
      steps: f.shortest,
      minimal: f.minimal,
      cause: f.cause,
    })),
  };
}
