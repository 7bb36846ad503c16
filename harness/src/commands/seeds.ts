import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { seedsMarkdown, seedsSentence, seedsTable } from '@lastref/report';
import {
  absolute,
  allWorkloads,
  bundledCapture,
  findEra,
  pose,
  selectWorkloads,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import { question } from '@lastref/runner/seeds';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import pc from 'picocolors';
import { FaultsOfRun, reportFault } from './faults.ts';
import { count, eraOption, seed, withOption } from './flags.ts';
import { replayHint } from './hint.ts';
import { RESULTS, isReference } from './reference.ts';
import { house } from '../house.ts';

interface SeedsFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly era?: string | undefined;
  readonly seed: number;
  readonly seeds: number;
  readonly with: string[];
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

async function seedsCommand(flags: SeedsFlags, command: CommandUnknownOpts): Promise<void> {
  const dir = flags.out !== undefined ? absolute(flags.out) : isReference(command) ? RESULTS : null;
  if (dir !== null) tryDirectory(dir);
  const era = flags.era === undefined || flags.era === 'own' ? null : findEra(flags.era).id;
  const there = await knownDesigns(house, flags.with, reportFault);
  const designs = selectDesigns(there, flags.designs);
  if (designs.length === 0) return;
  const workloads = selectWorkloads(allWorkloads(), flags.workloads);
  const faults = new FaultsOfRun(there.faults);
  const capture = { file: bundledCapture().file, driverTicks: DEFAULT_DRIVER_TICKS, flows: null };
  const plan = {
    designs,
    workloads,
    capture,
    era,
    seed: flags.seed,
    seeds: flags.seeds,
    faults: faults.all,
  };
  const doc = await pose(house, question, plan, {
    progress: 'seeds',
    onFault: faults.onFault,
  });
  faults.report();
  if (doc.rows.length === 0) return;
  if (dir !== null)
    writeTogether(dir, [
      { name: 'seeds.json', data: `${JSON.stringify(doc, null, 1)}\n` },
      { name: 'seeds.md', data: seedsMarkdown(doc, './lastref seeds') },
    ]);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(doc)}\n`);
    return;
  }
  const out = [pc.bold('Verdicts that rest on chance'), seedsSentence(doc)];
  const rows = seedsTable(doc);
  if (rows !== '') out.push(rows);
  const token = doc.rows.find((r) => r.token !== null)?.token;
  if (token !== undefined && token !== null) out.push(`  ${replayHint(token, flags.with)}`);
  process.stdout.write(`${out.join('\n')}\n`);
}

export const command = new Command('seeds')
  .description('which verdicts of the comparison rest on chance? each cell with many seeds')
  .option('--designs <ids>', 'only these, separated by commas')
  .option('--workloads <ids>', 'only these, separated by commas')
  .addOption(eraOption('behave like this kernel (default: own, the kernel of each design)'))
  .addOption(
    new Option('--seed <n>', 'the first seed of the losses and delays, or a commit hash')
      .argParser(seed)
      .default(1),
  )
  .addOption(
    new Option('--seeds <n>', 'how many, from --seed on').argParser(count(1000)).default(20),
  )
  .addOption(withOption())
  .option(
    '--out <dir>',
    'where seeds.json and seeds.md go (default: results/, for a full run only)',
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref seeds
  lastref seeds --designs rpc-reply,copy-always --workloads nfs-tcp-retransmit
  lastref seeds --with ./my-design.ts`,
  )
  .action(seedsCommand);
