import { Command, Option } from '@commander-js/extra-typings';
import type { CampaignDocument } from '@lastref/report';
import { campaignText } from '@lastref/report/text/campaign';
import {
  beginCampaign,
  campaignProgress,
  mergeJournals,
  mustBeSwarmed,
  question,
  whatIsKept,
  type BatchRecord,
  type BegunCampaign,
} from '@lastref/runner/campaign';
import {
  EXIT,
  Progress,
  pose,
  sayAtOnce,
  sourceOf,
  type Posing,
  type Source,
} from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import { designsAsked, type Asked } from './asked.ts';
import {
  bounded,
  seedOption,
  shard,
  trustOption,
  withOption,
  eraOption,
  patienceOption,
  queueOption,
} from './flags.ts';
import { cellsOfCampaign } from '@lastref/report/ci';
import { reportFault } from './faults.ts';
import { JUDGING, Outcome, judging } from './outcome.ts';
import { together } from './together.ts';
import { house } from '../house.ts';
import { show } from './say.ts';
import { question as shortest } from '@lastref/runner/shortest';
import { DEFAULT_ERA } from '@lastref/kernel';
import pc from 'picocolors';
import { hint, replayWith, type Together } from '@lastref/runner/typed';

type CampaignFlags = ReturnType<typeof command.opts>;

async function campaignCommand(flags: CampaignFlags): Promise<void> {
  const outcome = new Outcome(flags);
  if (flags.queue !== undefined) (await import('@lastref/queue')).addressOf(flags.queue);
  const merged = flags.merge === undefined ? null : mergeJournals(flags.merge.split(','), flags);
  await mustBeSwarmed(house, flags.workloads);
  const asked = merged === null ? await designsAsked(flags, 'both') : null;
  const doc = asked === null ? (merged?.doc ?? null) : await run(asked, flags);
  if (doc === null) return;
  outcome.brings(asked?.there.candidates ?? (await broughtBeside(flags)));
  show(flags, doc, () => campaignText(doc, pc, replayWith(flags.with, flags.trust)));
  outcome.tell(cellsOfCampaign(doc), 'findings', asked?.faults.all);
  // a gate that is asked of what was not run
  if (flags.failOn !== undefined && (merged?.missing ?? 0) > 0) process.exitCode ??= EXIT.couldNot;
  asked?.faults.report();
}

/** Of a merge, which loads nobody: who has which file is asked for what names files. */
async function broughtBeside(flags: CampaignFlags): Promise<readonly Source[]> {
  if (flags.sarif === undefined) return [];
  const known = await knownDesigns(house, flags, { takes: 'both', onFault: reportFault });
  return known.candidates;
}

async function run(
  { there, designs, faults }: Asked,
  flags: CampaignFlags,
): Promise<CampaignDocument> {
  const begun = await beginCampaign(house, designs, flags, faults.all);
  const progress = new Progress('campaign');
  process.once('SIGINT', () => {
    progress.end();
    sayAtOnce(`campaign: stopped; ${whatIsKept(flags)}\n`);
    process.exit(EXIT.interrupted);
  });
  const tell = campaignProgress(begun.work, progress);
  const onAnswer = (batch: BatchRecord): void => {
    begun.keep(batch);
    tell(batch);
  };
  const doc = await answered(begun, flags, { onAnswer, onFault: faults.onFault }).finally(() =>
    begun.close(),
  );
  progress.end();
  begun.keepCorpus();
  if (flags.shortest !== true) return doc;
  return pose(house, shortest, { candidates: there.candidates.map(sourceOf), doc });
}

/** The document of `work`, by the processors of this machine or the workers of a queue. */
async function answered(
  { work, versions }: BegunCampaign,
  { queue, patience }: CampaignFlags,
  told: Required<Pick<Posing<BatchRecord>, 'onAnswer' | 'onFault'>>,
): Promise<CampaignDocument> {
  if (queue === undefined) return pose(house, question, work, told);
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
    .addOption(seedOption('the first round'))
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
  );

const TOGETHER: Together = {
  questions: {
    '--merge': ['--corpus', '--corpus-max', '--with', '--trust', '--json', ...JUDGING],
  },
  needs: { '--resume': ['--out'], '--patience': ['--queue'], '--corpus-max': ['--corpus'] },
  // a queue shares the campaign out itself, and a worker runs no code of others beside what judges it
  apart: { '--queue': ['--shard', '--trust'] },
};

command.hook('preAction', together(TOGETHER)).action(campaignCommand);
