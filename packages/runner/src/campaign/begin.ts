// A campaign from what was asked for: its plan, what is kept of it already, and where what comes is kept.
import type { Era } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import type { Fault } from '../candidates/rules.ts';
import { isRuntime } from '../candidates/runtime.ts';
import { UsageError } from '../errors.ts';
import { tryDirectory } from '../files.ts';
import type { House } from '../house.ts';
import {
  absolute,
  findEra,
  ownEra,
  playable,
  select,
  sized,
  type DesignFile,
} from '../registry.ts';
import { codeOf, machineVersion } from '../version.ts';
import { swarmRuntimeWorkloads, swarmWorkloads, type BatchRecord } from './batch.ts';
import { eachOnce, type CampaignPlan, type CampaignWork, type Shard } from './campaign.ts';
import { digestOfCorpus, readCorpus } from './corpus.ts';
import type { Versions } from './journal.ts';
import { journalOf, keepCorpus, type Keeping } from './kept.ts';

/** What a user asks of a campaign. */
export interface CampaignAsked extends Keeping {
  /** Ids, separated by commas; undefined: all that the kernel can play. */
  readonly workloads?: string | undefined;
  /** undefined: the same for all designs; of runtimes their own. */
  readonly era?: string | undefined;
  readonly seed: number;
  readonly rounds: number;
  readonly runs: number;
  readonly steps: number;
  readonly failures?: true | undefined;
  readonly cpus?: number | undefined;
  readonly shard: Shard;
}

export interface BegunCampaign {
  readonly work: CampaignWork;
  readonly versions: Versions;
  /** Keeps one more batch. Throws CouldNot. */
  keep(batch: BatchRecord): void;
  /** Others may go on with the journal. */
  close(): void;
  /** Writes the corpus for the next campaign, of a campaign that is no shard. */
  keepCorpus(): void;
}

/** Throws UsageError for names that there are not, and for a directory that has another campaign. */
export async function beginCampaign(
  house: House,
  designs: readonly DesignFile[],
  asked: CampaignAsked,
  faults: readonly Fault[],
): Promise<BegunCampaign> {
  const { era, workloads } = await placesOf(house, designs, asked);
  const corpus =
    asked.corpus === undefined ? null : readCorpus(tryDirectory(absolute(asked.corpus)));
  const plan: CampaignPlan = {
    era: era.id,
    seed: asked.seed,
    rounds: asked.rounds,
    designs: designs.map((d) => d.design.id),
    workloads: workloads.map((w) => w.id),
    options: {
      runs: asked.runs,
      steps: asked.steps,
      failures: asked.failures === true,
      ...(asked.cpus === 2 ? { processors: 2 as const } : {}),
    },
    ...(corpus === null ? {} : { corpus: digestOfCorpus(corpus) }),
  };
  const versions: Versions = {
    machine: machineVersion(),
    designs: Object.fromEntries(designs.map((d) => [d.design.id, d.version ?? codeOf(d.design)])),
  };
  const journal = journalOf(asked, plan, versions);
  const kept = eachOnce(journal?.batches ?? []);
  const batches = [...kept];
  return {
    work: { plan, files: designs, shard: asked.shard, kept, corpus, faults },
    versions,
    keep(batch) {
      journal?.append(batch);
      batches.push(batch);
    },
    close: () => journal?.close(),
    keepCorpus() {
      if (corpus !== null && asked.shard.of === 1)
        keepCorpus(asked, { era: era.id, corpus, batches });
    },
  };
}

/** Throws UsageError for the first name in `wanted` that no campaign has a workload for, of designs or of runtimes. */
export async function mustBeSwarmed(house: House, wanted: string | undefined): Promise<void> {
  if (wanted === undefined) return;
  for (const id of wanted.split(',')) sized(id.trim());
  const all = [...(await swarmWorkloads(house)), ...swarmRuntimeWorkloads()];
  select('workload', all, (w) => w.id, wanted);
}

async function placesOf(
  house: House,
  designs: readonly DesignFile[],
  asked: CampaignAsked,
): Promise<{ readonly era: Era; readonly workloads: readonly Workload[] }> {
  const runtime = designs.some(({ design }) => isRuntime(design));
  const era = runtime && asked.era === undefined ? ownEra(designs[0]!.design) : findEra(asked.era);
  const swarmed = runtime ? swarmRuntimeWorkloads() : await swarmWorkloads(house);
  const named = select('workload', swarmed, (w) => w.id, asked.workloads);
  const workloads = playable(named, era);
  if (workloads.length === 0)
    throw new UsageError(`era ${era.id} can play none of the workloads that were named`);
  return { era, workloads };
}
