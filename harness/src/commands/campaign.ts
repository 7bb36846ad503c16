import { Command, Option } from '@commander-js/extra-typings';
import type { CampaignDocument } from '@lastref/report';
import {
  swarmRuntimeWorkloads,
  swarmWorkloads,
  type CampaignPlan,
  type Shard,
  type Versions,
  question,
  eachOnce,
  campaignProgress,
  digestOfCorpus,
  readCorpus,
  type CampaignWork,
  type BatchRecord,
} from '@lastref/runner/campaign';
import {
  EXIT,
  absolute,
  tryDirectory,
  type Fault,
  type Posing,
  sourceOf,
  UsageError,
  codeOf,
  machineVersion,
  Progress,
  findEra,
  isRuntime,
  ownEra,
  playable,
  select,
  pose,
  sized,
} from '@lastref/runner';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import { journalOf, keepCorpus, mergeJournals } from './campaign-kept.ts';
import { reportFault, reportFaults } from './faults.ts';
import { campaignText } from './campaign-text.ts';
import { hint } from './hint.ts';
import {
  bounded,
  seed,
  shard,
  trustOption,
  withOption,
  eraOption,
  patienceOption,
  queueOption,
} from './flags.ts';
import { cellsOfCampaign } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { house } from '../house.ts';
import { sayDocument, sayText } from './say.ts';
import { question as shortest } from '@lastref/runner/shortest';
import { DEFAULT_ERA } from '@lastref/kernel';

interface CampaignFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly era?: string | undefined;
  readonly seed: number;
  readonly rounds: number;
  readonly runs: number;
  readonly steps: number;
  readonly failures?: true | undefined;
  readonly cpus?: number | undefined;
  readonly shard: Shard;
  readonly queue?: string | undefined;
  readonly patience: number;
  readonly corpus?: string | undefined;
  readonly corpusMax: number;
  readonly out?: string | undefined;
  readonly resume?: true | undefined;
  readonly merge?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly shortest?: true | undefined;
  readonly json?: true | undefined;
}

async function campaignCommand(flags: CampaignFlags): Promise<void> {
  const outcome = new Outcome(flags);
  const faults: Fault[] = [];
  const doc =
    flags.merge === undefined
      ? await run(flags, (fault) => faults.push(fault))
      : mergeJournals(flags.merge.split(','), flags);
  if (doc === null) return;
  if (flags.json === true) sayDocument(doc);
  else sayText(campaignText(doc, flags.with));
  outcome.tell(cellsOfCampaign(doc), 'findings');
  reportFaults(faults);
}

/** null: of the designs that were named, none loaded. */
async function run(
  flags: CampaignFlags,
  later: (fault: Fault) => void,
): Promise<CampaignDocument | null> {
  const there = await knownDesigns(house, flags.with, reportFault, flags.trust, 'both');
  const designs = selectDesigns(there, flags.designs);
  if (designs.length === 0) return null;
  const runtime = designs.some(({ design }) => isRuntime(design));
  const era = runtime && flags.era === undefined ? ownEra(designs[0]!.design) : findEra(flags.era);
  for (const id of flags.workloads?.split(',') ?? []) sized(id.trim());
  const swarmed = runtime ? swarmRuntimeWorkloads() : await swarmWorkloads(house);
  const named = select('workload', swarmed, (w) => w.id, flags.workloads);
  const workloads = playable(named, era);
  if (workloads.length === 0)
    throw new UsageError(`era ${era.id} can play none of the workloads that were named`);
  const corpus =
    flags.corpus === undefined ? null : readCorpus(tryDirectory(absolute(flags.corpus)));
  const plan: CampaignPlan = {
    era: era.id,
    seed: flags.seed,
    rounds: flags.rounds,
    designs: designs.map((d) => d.design.id),
    workloads: workloads.map((w) => w.id),
    options: {
      runs: flags.runs,
      steps: flags.steps,
      failures: flags.failures === true,
      ...(flags.cpus === 2 ? { processors: 2 as const } : {}),
    },
    ...(corpus === null ? {} : { corpus: digestOfCorpus(corpus) }),
  };
  const versions: Versions = {
    machine: machineVersion(),
    designs: Object.fromEntries(designs.map((d) => [d.design.id, d.version ?? codeOf(d.design)])),
  };
  const journal = journalOf(flags, plan, versions);
  const kept = eachOnce(journal?.batches ?? []);
  const faults = [...there.faults];
  const onFault = (fault: Fault): void => {
    faults.push(fault);
    later(fault);
  };
  const work: CampaignWork = { plan, files: designs, shard: flags.shard, kept, corpus, faults };
  const progress = new Progress('campaign');
  process.once('SIGINT', () => {
    progress.end();
    process.stderr.write(`campaign: stopped; ${whatIsKept(flags)}\n`);
    process.exit(EXIT.interrupted);
  });
  const tell = campaignProgress(work, progress);
  const batches = [...kept];
  const onAnswer = (batch: BatchRecord): void => {
    journal?.append(batch);
    batches.push(batch);
    tell(batch);
  };
  const doc = await answered(work, versions, flags, { onAnswer, onFault }).finally(() =>
    journal?.close(),
  );
  progress.end();
  if (corpus !== null && flags.shard.of === 1) keepCorpus(flags, { era: era.id, corpus, batches });
  if (flags.shortest !== true) return doc;
  return pose(house, shortest, { candidates: there.candidates.map(sourceOf), doc });
}

/** The document of `work`, by the processors of this machine or the workers of a queue. */
async function answered(
  work: CampaignWork,
  versions: Versions,
  { queue, patience, shard }: CampaignFlags,
  told: Required<Pick<Posing<BatchRecord>, 'onAnswer' | 'onFault'>>,
): Promise<CampaignDocument> {
  if (queue === undefined) return pose(house, question, work, told);
  if (shard.of > 1)
    throw new UsageError('--queue and --shard: a queue shares the campaign out itself');
  const { addressOf, produce } = await import('@lastref/queue');
  return produce(work, versions, {
    ...told,
    queue,
    who: 'campaign',
    patience,
    say: (line) => process.stderr.write(`${line}\n`),
    workers: hint('work', '--queue', addressOf(queue).shown),
  });
}

function whatIsKept({ out, queue }: CampaignFlags): string {
  if (queue !== undefined) return 'the workers go on, and the same command collects what they find';
  return out === undefined
    ? 'nothing is kept (--out DIR keeps it)'
    : `what was over is kept in ${out}: --resume goes on`;
}

export const command = judging(
  new Command('campaign')
    .description(
      'random runs of every design on every workload and operation: causes, shrunk to what matters',
    )
    .option('--designs <ids>', 'only these, separated by commas')
    .option(
      '--workloads <ids>',
      'only these: workloads of two operations (nfs-odirect~2), operations (operation-skb_shift-shared)',
    )
    .addOption(
      bounded('rounds', 'batches of each design on each workload', 1_000_000, 1).default(1),
    )
    .addOption(bounded('runs', 'runs of a batch', 1_000_000, 1).default(60))
    .addOption(bounded('steps', 'random steps of a run', 100_000, 1).default(60))
    .option('--failures', 'allocations and devices may fail')
    .addOption(
      bounded(
        'cpus',
        'processors of each host (default 1): with 2 a step may come into another one',
        2,
        1,
      ),
    )
    .option(
      '--shortest',
      'set the shortest run that exhaustive search finds to the same property beside each finding',
    )
    .addOption(
      new Option('--seed <n>', 'seed of the first round, or a commit hash')
        .argParser(seed)
        .default(1),
    )
    .addOption(
      new Option('--shard <i/n>', 'run the i-th of n parts, for n machines')
        .argParser(shard)
        .default({ index: 1, of: 1 }, '1/1'),
    )
    .addOption(queueOption('let the workers of this queue run it: lastref work --queue URL'))
    .addOption(patienceOption())
    .option(
      '--corpus <dir>',
      'begin with the runs that earlier campaigns kept there, and keep those that reach the most (of shards, with --merge)',
    )
    .addOption(bounded('corpus-max', 'runs that are kept there', 1_000_000, 1).default(1000))
    .option('--out <dir>', 'keep every batch there as it comes')
    .option('--resume', 'go on with the campaign in --out')
    .option('--merge <dirs>', 'run nothing: put the shards in these directories together')
    .addOption(
      eraOption(
        `behave like this kernel (default: ${DEFAULT_ERA} for all designs, so that one journal compares them in one kernel)`,
      ),
    )
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref campaign
  lastref campaign --designs sock-wfree,ian-frag-destructor --rounds 20 --out night
  lastref campaign --designs sock-wfree,ian-frag-destructor --rounds 20 --out night --resume
  lastref campaign --shard 1/2 --out a      (and 2/2 --out b on another machine)
  lastref campaign --merge a,b
  lastref campaign --rounds 20 --corpus corpus      (again after every change)
  lastref campaign --rounds 500 --out night --queue redis://queue.example.org:6379`,
  )
  .action(campaignCommand);
