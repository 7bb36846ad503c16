// One batch of a campaign: random runs of one design on one workload, as a record that is kept in a file.
import type { Damage } from '@lastref/judge';
import type { Who } from '@lastref/kernel';
import { threatOf } from '../threat.ts';
import type { Harm, Property } from '@lastref/judge';
import { Swarm, type BatchOptions, type CellInput } from '@lastref/search';
import { RUNTIME_WORKLOADS, WORKLOADS, miniature, type Workload } from '@lastref/workloads';
import { designWorkloads, type House } from '../house.ts';
import { decodeToken, tokenOf } from '../token.ts';
import { runName } from './corpus.ts';

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

/** What a batch did with the corpus of its cell. */
export interface BatchCorpus {
  /** Runs that reached something new, with the pairs that no earlier run of the batch had met. */
  readonly kept: readonly { readonly token: string; readonly pairs: readonly number[] }[];
  /** Names of runs that do not apply on this machine. */
  readonly stale: readonly string[];
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
  /** Runs behind which nobody looked, as no page frame was left, and most were in no packet; left out: none. */
  readonly starved?: number;
  readonly findings: readonly BatchFinding[];
  /** Where the campaign has a corpus. */
  readonly corpus?: BatchCorpus;
}

/** What a campaign runs: every workload in miniature, and those that questions bring: every operation of the matrix. */
export async function swarmWorkloads(house: House): Promise<Workload[]> {
  return [...WORKLOADS.map((w) => miniature(w, OPERATIONS)), ...(await designWorkloads(house))];
}

/** The same for runtimes. */
export function swarmRuntimeWorkloads(): Workload[] {
  return RUNTIME_WORKLOADS.map((w) => miniature(w, OPERATIONS));
}

/** `corpus`: tokens of kept runs of this cell; null: the campaign has none. */
export function runBatch(
  input: CellInput,
  round: number,
  options: BatchOptions,
  corpus: readonly string[] | null = null,
): BatchRecord {
  const known = corpus?.map((token) => decodeToken(token).trace) ?? null;
  const batch = new Swarm(input, options, known).run();
  return {
    round,
    design: input.design.id,
    workload: input.workload.id,
    runs: batch.runs,
    steps: batch.steps,
    pairs: batch.pairs.length,
    exercised: batch.exercised,
    ...(batch.starved === 0 ? {} : { starved: batch.starved }),
    findings: batch.findings.map((f) => ({
      property: f.property,
      ...threatOf(f.property, input.workload, input.design),
      harm: f.harm,
      where: f.where,
      text: f.text,
      token: tokenOf(input, f.trace),
      steps: f.shortest,
      minimal: f.minimal,
      cause: f.cause,
    })),
    ...(corpus === null
      ? {}
      : {
          corpus: {
            kept: batch.kept.map(({ trace, pairs }) => ({ token: tokenOf(input, trace), pairs })),
            stale: batch.stale.map((i) => runName(corpus[i]!)),
          },
        }),
  };
}
