import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { VERDICT_LEGEND, erasMarkdown, erasTable, many, turnLines } from '@lastref/report';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import {
  absolute,
  allWorkloads,
  bundledCapture,
  pose,
  selectWorkloads,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { question } from '@lastref/runner/eras';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import pc from 'picocolors';
import { FaultsOfRun, reportFault } from './faults.ts';
import { seed, trustOption, withOption } from './flags.ts';
import { RESULTS, isReference } from './reference.ts';
import { cellsOfEras } from './judged.ts';
import {
  Outcome,
  excludeOption,
  failOnOption,
  junitOption,
  sarifOption,
  type OutcomeFlags,
} from './outcome.ts';
import { house } from '../house.ts';

/** Different roads in few steps: requests of NFS, which lends up to 4.x, and of iSCSI, streams with losses, a slow reader, a tap, no scatter/gather, guests. */
const USUAL = [
  'nfs-odirect',
  'iscsi-write',
  'sendfile-locked',
  'bulk-loss',
  'loopback-slow-reader',
  'tap-slow-reader',
  'no-sg',
  'netback-bridge',
  'vringfd',
];

interface ErasFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly seed: number;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

async function erasCommand(flags: ErasFlags, command: CommandUnknownOpts): Promise<void> {
  const outcome = new Outcome(flags);
  const dir = flags.out !== undefined ? absolute(flags.out) : isReference(command) ? RESULTS : null;
  if (dir !== null) tryDirectory(dir);
  const there = await knownDesigns(house, flags.with, reportFault, flags.trust);
  const designs = selectDesigns(there, flags.designs);
  if (designs.length === 0) return;
  const workloads = selectWorkloads(allWorkloads(), flags.workloads ?? USUAL.join());
  const faults = new FaultsOfRun(there.faults);
  const capture = { file: bundledCapture().file, driverTicks: DEFAULT_DRIVER_TICKS, flows: null };
  const plan = { designs, workloads, capture, seed: flags.seed, faults: faults.all };
  const doc = await pose(house, question, plan, { progress: 'eras', onFault: faults.onFault });
  faults.report();
  if (doc.rows.length === 0) return;
  if (dir !== null)
    writeTogether(dir, [
      { name: 'eras.json', data: `${JSON.stringify(doc, null, 1)}\n` },
      { name: 'eras.md', data: erasMarkdown(doc, './lastref eras') },
    ]);
  outcome.tell(cellsOfEras(doc));
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(doc)}\n`);
    return;
  }
  const out = [
    pc.bold(
      `Verdicts by kernel release: ${many(doc.designs.length, 'design')} on ${doc.workloads.join(', ')}; *: the kernel that its patch was made for`,
    ),
    erasTable(doc, pc),
    VERDICT_LEGEND,
    '',
    pc.bold('Where a verdict turns, and the change that does it alone'),
    ...turnLines(doc),
  ];
  process.stdout.write(`${out.join('\n')}\n`);
}

export const command = new Command('eras')
  .description("a design's verdict by kernel release, and which change of the kernel turns it")
  .option('--designs <ids>', 'only these, separated by commas')
  .option('--workloads <ids>', `these, separated by commas (default: ${USUAL.join()})`)
  .addOption(
    new Option('--seed <n>', 'seed of the losses and delays, or a commit hash')
      .argParser(seed)
      .default(1),
  )
  .addOption(withOption())
  .addOption(trustOption())
  .option('--out <dir>', 'where eras.json and eras.md go (default: results/, for a full run only)')
  .addOption(failOnOption())
  .addOption(excludeOption())
  .addOption(junitOption())
  .addOption(sarifOption())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref eras
  lastref eras --designs rusty-shinfo-orig-one-loan,msg-zerocopy
  lastref eras --workloads nfs-udp,splice-proxy --designs ian-frag-destructor`,
  )
  .action(erasCommand);
