import { Command, Option } from '@commander-js/extra-typings';
import { isDeepStrictEqual } from 'node:util';
import type { CampaignDocument } from '@lastref/report';
import { many, threatText } from '@lastref/report/words';
import {
  swarmWorkloads,
  Merged,
  type CampaignPlan,
  type Shard,
  Journal,
  changed,
  type Versions,
  question,
  eachOnce,
  campaignProgress,
  type CampaignWork,
  type BatchRecord,
} from '@lastref/runner/campaign';
import {
  type Fault,
  sourceOf,
  UsageError,
  codeOf,
  machineVersion,
  Progress,
  absolute,
  findEra,
  playable,
  select,
  pose,
  sized,
} from '@lastref/runner';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import { failKinds, isOf } from './fail-on.ts';
import { reportFault, reportFaults } from './faults.ts';
import { replayHint } from './hint.ts';
import { bounded, seed, shard, withOption, eraOption } from './flags.ts';
import { house } from '../house.ts';
import { question as shortest } from '@lastref/runner/shortest';
import { DEFAULT_ERA } from '@lastref/kernel';
import pc from 'picocolors';

interface CampaignFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly era?: string | undefined;
  readonly seed: number;
  readonly rounds: number;
  readonly runs: number;
  readonly steps: number;
  readonly failures?: true | undefined;
  readonly shard: Shard;
  readonly out?: string | undefined;
  readonly resume?: true | undefined;
  readonly merge?: string | undefined;
  readonly with: string[];
  readonly failOn?: string | undefined;
  readonly shortest?: true | undefined;
  readonly json?: true | undefined;
}

async function campaignCommand(flags: CampaignFlags): Promise<void> {
  const kinds = failKinds(flags.failOn);
  const faults: Fault[] = [];
  const doc =
    flags.merge === undefined
      ? await run(flags, (fault) => faults.push(fault))
      : merge(flags.merge.split(','));
  if (doc === null) return;
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(doc)}\n` : `${text(doc, flags.with)}\n`,
  );
  if (doc.findings.some((f) => isOf(kinds, f))) process.exitCode = 1;
  reportFaults(faults);
}

/** null: of the designs that were named, none loaded. */
async function run(
  flags: CampaignFlags,
  later: (fault: Fault) => void,
): Promise<CampaignDocument | null> {
  const there = await knownDesigns(house, flags.with, reportFault);
  const designs = selectDesigns(there, flags.designs);
  if (designs.length === 0) return null;
  const era = findEra(flags.era);
  for (const id of flags.workloads?.split(',') ?? []) sized(id.trim());
  const named = select('workload', await swarmWorkloads(house), (w) => w.id, flags.workloads);
  const workloads = playable(named, era);
  if (workloads.length === 0)
    throw new UsageError(`era ${era.id} can play none of the workloads that were named`);
  const plan: CampaignPlan = {
    era: era.id,
    seed: flags.seed,
    rounds: flags.rounds,
    designs: designs.map((d) => d.design.id),
    workloads: workloads.map((w) => w.id),
    options: { runs: flags.runs, steps: flags.steps, failures: flags.failures === true },
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
  const work: CampaignWork = { plan, files: designs, shard: flags.shard, kept, faults };
  const progress = new Progress('campaign');
  process.once('SIGINT', () => {
    progress.end();
    const kept =
      flags.out === undefined
        ? 'nothing is kept (--out DIR keeps it)'
        : `what was over is kept in ${flags.out}: --resume goes on`;
    process.stderr.write(`campaign: stopped; ${kept}\n`);
    process.exit(130);
  });
  const tell = campaignProgress(work, progress);
  const onAnswer = (batch: BatchRecord): void => {
    journal?.append(batch);
    tell(batch);
  };
  const doc = await pose(house, question, work, { onAnswer, onFault });
  progress.end();
  if (flags.shortest !== true) return doc;
  return pose(house, shortest, { candidates: there.candidates.map(sourceOf), doc });
}

function journalOf(flags: CampaignFlags, plan: CampaignPlan, versions: Versions): Journal | null {
  if (flags.out === undefined) {
    if (flags.resume === true)
      throw new UsageError('--resume needs --out DIR: where the campaign is kept');
    return null;
  }
  const dir = absolute(flags.out);
  if (flags.resume !== true || Journal.unborn(dir)) return Journal.create(dir, plan, versions);
  const journal = Journal.open(dir);
  if (!isDeepStrictEqual(journal.plan, plan))
    throw new UsageError(
      `the campaign in ${flags.out} is another one: ${JSON.stringify(journal.plan.options)}, seed ${journal.plan.seed}, ${journal.plan.rounds} rounds, era ${journal.plan.era}, ${journal.plan.designs.length} designs, ${journal.plan.workloads.length} workloads; resume it with the flags that it was begun with`,
    );
  const other = changed(journal.versions, versions);
  if (other !== null)
    throw new UsageError(
      `the campaign in ${flags.out} was begun with another version of ${other}: put that version back, or begin anew with another --out`,
    );
  return journal;
}

/** What several machines found, as if one had run it all. */
function merge(dirs: readonly string[]): CampaignDocument {
  const journals = dirs.map((dir) => Journal.open(absolute(dir)));
  const { plan, versions } = journals[0]!;
  journals.forEach((journal, i) => {
    if (!isDeepStrictEqual(journal.plan, plan))
      throw new UsageError(
        `${dirs[i]!} holds another campaign than ${dirs[0]!}: only shards of one can be merged`,
      );
    const other = changed(versions, journal.versions);
    if (other !== null)
      throw new UsageError(
        `${dirs[i]!} was run with another version than ${dirs[0]!} of ${other}: run that shard again with the first one's version`,
      );
  });
  const merged = new Merged(plan);
  for (const batch of eachOnce(journals.flatMap((j) => j.batches))) merged.add(batch);
  return merged.document();
}

function text(doc: CampaignDocument, candidates: readonly string[]): string {
  const { coverage } = doc;
  const out = [
    pc.bold(
      `Random runs, every design in ${doc.era}, seed ${doc.seed}: ${many(doc.findings.length, 'cause')} found`,
    ),
  ];
  let last = '';
  for (const f of doc.findings) {
    const at = `${f.design} on ${f.workload}`;
    if (at !== last) out.push(pc.bold(at));
    last = at;
    out.push(
      `  ${f.property} (${f.harm}; ${threatText(f)}) in ${many(f.steps, 'step')}${shortestText(f.shortest)}${f.minimal ? '' : ', perhaps not the least'}: ${f.text}`,
      `    ${f.token}`,
    );
  }
  out.push(
    `${many(doc.runs, 'run')}, ${many(doc.steps, 'step')}; ${coverage.cells} of ${coverage.of} cells (design × workload), ${coverage.exercised} cells × properties that a run could have refuted, ${coverage.pairs} pairs of (step, state of the references).`,
  );
  const [first] = doc.findings;
  if (first !== undefined) out.push(`For one:\n  ${replayHint(first.token, candidates)}`);
  return out.join('\n');
}

function shortestText(shortest: number | null | undefined): string {
  if (shortest === undefined) return '';
  return shortest === null
    ? ' (exhaustive search: not within its bound)'
    : ` (the shortest of all: ${shortest})`;
}

export const command = new Command('campaign')
  .description(
    'random runs of every design on every workload and operation: causes, shrunk to what matters',
  )
  .option('--designs <ids>', 'only these, separated by commas')
  .option(
    '--workloads <ids>',
    'only these: workloads of two operations (nfs-odirect~2), operations (operation-skb_shift-shared)',
  )
  .addOption(bounded('rounds', 'batches of each design on each workload', 1_000_000, 1).default(1))
  .addOption(bounded('runs', 'runs of a batch', 1_000_000, 1).default(60))
  .addOption(bounded('steps', 'random steps of a run', 100_000, 1).default(60))
  .option('--failures', 'allocations and devices may fail')
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
  .option('--out <dir>', 'keep every batch there as it comes')
  .option('--resume', 'go on with the campaign in --out')
  .option('--merge <dirs>', 'run nothing: put the shards in these directories together')
  .addOption(
    eraOption(
      `behave like this kernel (default: ${DEFAULT_ERA} for all designs, so that one journal compares them in one kernel)`,
    ),
  )
  .addOption(withOption())
  .option('--fail-on <kinds>', 'exit 1 when a finding is of one of these properties or harms')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref campaign
  lastref campaign --designs sock-wfree,ian-frag-destructor --rounds 20 --out night
  lastref campaign --designs sock-wfree,ian-frag-destructor --rounds 20 --out night --resume
  lastref campaign --shard 1/2 --out a      (and 2/2 --out b on another machine)
  lastref campaign --merge a,b`,
  )
  .action(campaignCommand);
