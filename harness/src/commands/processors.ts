import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { processorsMarkdown, processorsSentence, processorsTable } from '@lastref/report';
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
import { question } from '@lastref/runner/processors';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import pc from 'picocolors';
import { FaultsOfRun, reportFault } from './faults.ts';
import { eraOption, seed, withOption } from './flags.ts';
import { replayHint } from './hint.ts';
import { RESULTS, isReference } from './reference.ts';
import { cellsOfProcessors } from './judged.ts';
import {
  Outcome,
  excludeOption,
  failOnOption,
  junitOption,
  sarifOption,
  type OutcomeFlags,
} from './outcome.ts';
import { house } from '../house.ts';

interface ProcessorsFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly era?: string | undefined;
  readonly seed: number;
  readonly with: string[];
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

async function processorsCommand(
  flags: ProcessorsFlags,
  command: CommandUnknownOpts,
): Promise<void> {
  const outcome = new Outcome(flags);
  const dir = flags.out !== undefined ? absolute(flags.out) : isReference(command) ? RESULTS : null;
  if (dir !== null) tryDirectory(dir);
  const era = flags.era === undefined || flags.era === 'own' ? null : findEra(flags.era).id;
  const there = await knownDesigns(house, flags.with, reportFault);
  const designs = selectDesigns(there, flags.designs);
  if (designs.length === 0) return;
  const workloads = selectWorkloads(allWorkloads(), flags.workloads);
  const faults = new FaultsOfRun(there.faults);
  const capture = { file: bundledCapture().file, driverTicks: DEFAULT_DRIVER_TICKS, flows: null };
  const plan = { designs, workloads, capture, era, seed: flags.seed, faults: faults.all };
  const doc = await pose(house, question, plan, {
    progress: 'processors',
    onFault: faults.onFault,
  });
  faults.report();
  if (doc.rows.length === 0) return;
  if (dir !== null)
    writeTogether(dir, [
      { name: 'processors.json', data: `${JSON.stringify(doc, null, 1)}\n` },
      { name: 'processors.md', data: processorsMarkdown(doc, './lastref processors') },
    ]);
  outcome.tell(cellsOfProcessors(doc));
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(doc)}\n`);
    return;
  }
  const out = [pc.bold('Verdicts where processors take time'), processorsSentence(doc)];
  const rows = processorsTable(doc);
  if (rows !== '') out.push(rows);
  const token = doc.rows.find((r) => r.token !== null && !r.chance)?.token;
  if (token !== undefined && token !== null) out.push(`  ${replayHint(token, flags.with)}`);
  process.stdout.write(`${out.join('\n')}\n`);
}

export const command = new Command('processors')
  .description('does it matter that processors take time? verdicts at both ends of the prices')
  .option('--designs <ids>', 'only these, separated by commas')
  .option('--workloads <ids>', 'only these, separated by commas')
  .addOption(eraOption('behave like this kernel (default: own, the kernel of each design)'))
  .addOption(
    new Option('--seed <n>', 'seed of the losses and delays, or a commit hash')
      .argParser(seed)
      .default(1),
  )
  .addOption(withOption())
  .option(
    '--out <dir>',
    'where processors.json and processors.md go (default: results/, for a full run only)',
  )
  .addOption(failOnOption())
  .addOption(excludeOption())
  .addOption(junitOption())
  .addOption(sarifOption())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref processors
  lastref processors --designs rpc-reply,copy-always --workloads nfs-tcp-retransmit
  lastref processors --with ./my-design.ts`,
  )
  .action(processorsCommand);
