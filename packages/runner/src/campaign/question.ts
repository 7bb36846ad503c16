// Batches of random runs: one isolate for each design and round, one cell for each workload.
import type { CampaignDocument } from '@lastref/report';
import type { BatchOptions } from '@lastref/search';
import { isRuntime } from '../candidates/runtime.ts';
import type { Source } from '../candidates/source.ts';
import type { Question } from '../question.ts';
import { find, findEra } from '../registry.ts';
import { runBatch, swarmRuntimeWorkloads, swarmWorkloads, type BatchRecord } from './batch.ts';
import { cellName, cellOf } from './corpus.ts';
import { Merged, asksOf, type CampaignWork } from './campaign.ts';

/** One round of a campaign for one design. */
export interface SwarmAsk {
  readonly source: Source;
  readonly era: string;
  readonly round: number;
  readonly seed: number;
  /** Ids, of miniatures and of operations. */
  readonly workloads: readonly string[];
  readonly options: BatchOptions;
  /** Kept runs of its cells, as tokens; null: the campaign has no corpus. */
  readonly corpus: readonly string[] | null;
}

export const question: Question<CampaignWork, SwarmAsk, BatchRecord, CampaignDocument> = {
  kind: 'campaign',
  asks: asksOf,
  sources: (ask) => [ask.source],
  cells: (ask) => ask.workloads,
  when: ({ era, seed }) => `era ${era}, seed ${seed}`,
  async answer({ source, era, round, seed, workloads, options, corpus }, cell, isolate) {
    const design = await isolate.design(source);
    const known = isRuntime(design) ? swarmRuntimeWorkloads() : await swarmWorkloads(isolate.house);
    const workload = find('workload', known, (w) => w.id, workloads[cell]!);
    const name = cellName(era, design.id, workload.id);
    const runs = corpus?.filter((token) => cellOf(token) === name) ?? null;
    return runBatch({ design, workload, era: findEra(era), seed }, round, options, runs);
  },
  merge({ plan, kept, faults, files }, answers) {
    const merged = new Merged(plan);
    for (const batch of [...kept, ...answers]) merged.add(batch);
    return merged.document(faults, files);
  },
};
