import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import {
  reportData,
  reportHtml,
  reportMarkdown,
  reportText,
  type ReportDocument,
  type ReportInput,
} from '@lastref/report';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import {
  type Fault,
  digestOfDocument,
  UsageError,
  absolute,
  allWorkloads,
  bundledCapture,
  findEra,
  loadCapture,
  selectWorkloads,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { gather } from '../report.ts';
import { reportFault, reportFaults } from './faults.ts';
import { typed } from './hint.ts';
import { RESULTS, isReference } from './reference.ts';
import { openFile } from './open.ts';
import { OWN, trustOption, withOption, eraOption } from './flags.ts';
import { house } from '../house.ts';
import { page, sayDocument } from './say.ts';

interface ReportFlags {
  readonly from?: string | undefined;
  readonly out?: string | undefined;
  readonly claims?: string | undefined;
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly capture?: string | undefined;
  readonly era?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly text?: true | undefined;
  readonly markdown?: true | undefined;
  readonly open?: true | undefined;
  readonly json?: true | undefined;
}

/** Where a report goes that shows something else than the reference. */
const ELSEWHERE = 'lastref-report';

async function reportCommand(flags: ReportFlags, command: CommandUnknownOpts): Promise<void> {
  const era = flags.era === undefined || flags.era === OWN ? null : findEra(flags.era);
  const chosen =
    flags.designs !== undefined ||
    flags.workloads !== undefined ||
    flags.capture !== undefined ||
    flags.era !== undefined ||
    flags.with.length > 0;
  if (chosen && flags.from !== undefined)
    throw new UsageError('--from shows what was run before; it goes with no choice of what to run');
  const from = flags.from === undefined ? RESULTS : documents(flags.from);
  const claims = flags.claims === undefined ? undefined : claimsFile(flags.claims);
  const printed = flags.text === true || flags.markdown === true;
  const out = absolute(flags.out ?? (isReference(command) ? RESULTS : ELSEWHERE));
  if (!printed) tryDirectory(out);
  const capture = {
    file: flags.capture === undefined ? bundledCapture().file : absolute(flags.capture),
    driverTicks: DEFAULT_DRIVER_TICKS,
    flows: null,
  };
  const there = await knownDesigns(house, flags.with, reportFault, flags.trust);
  const { all: known } = there;
  const faults: Fault[] = [];
  const workloads = flags.capture === undefined ? allWorkloads() : [await loadCapture(capture)];
  const input = await gather({
    from: chosen ? null : from,
    claims,
    known,
    designs: selectDesigns(there, flags.designs),
    workloads: selectWorkloads(workloads, flags.workloads),
    capture,
    era: era?.id ?? null,
    commands: [commandOf(flags)],
    onFault: (fault) => faults.push(fault),
  });
  reportFaults(faults);
  if (printed) {
    process.stdout.write(flags.text === true ? reportText(input) : page(reportMarkdown(input)));
    return;
  }
  const doc = await write(out, input);
  if (flags.json === true) sayDocument(doc);
  else
    process.stdout.write(
      `Written: ${doc.files.map((f) => typed(`${out}/${f.name}`)).join(', ')}\n`,
    );
  if (flags.open === true && !(await openFile(`${out}/report.html`)))
    process.stderr.write(`Nothing here opens ${typed(`${out}/report.html`)}; a browser will.\n`);
  if (input.stale)
    process.stderr.write(
      'Some stories end in another state than their tokens say: compare.json was made by another version; run lastref compare again.\n',
    );
}

/** Where documents of other runs are: before anything is run, it is there. */
function documents(from: string): string {
  const dir = absolute(from);
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(
      `${from}: no such directory; --from takes one with compare.json, as lastref compare --out writes it`,
    );
  return dir;
}

function claimsFile(name: string): string {
  const file = absolute(name);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new UsageError(
      `${name}: no such file; --claims takes the document of lastref claims --json`,
    );
  return file;
}

/** The command that makes this report again. */
function commandOf(flags: ReportFlags): string {
  const parts = ['./lastref report'];
  if (flags.designs !== undefined) parts.push(`--designs ${flags.designs}`);
  if (flags.workloads !== undefined) parts.push(`--workloads ${flags.workloads}`);
  if (flags.capture !== undefined) parts.push(`--capture ${flags.capture.split('/').at(-1)}`);
  if (flags.era !== undefined) parts.push(`--era ${flags.era}`);
  for (const file of flags.with) parts.push(`--with ${file.split('/').at(-1)}`);
  return parts.join(' ');
}

async function write(out: string, input: ReportInput): Promise<ReportDocument> {
  const data = reportData(input);
  const files = [
    { name: 'report.html', data: await reportHtml(data) },
    { name: 'report.md', data: page(reportMarkdown(input)) },
    { name: 'report.txt', data: reportText(input) },
  ];
  writeTogether(out, files);
  const content = {
    schema: 'lastref.report/1' as const,
    out,
    files: files.map(({ name, data: text }) => ({
      name,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
    })),
    compare: input.compare.digest,
    movers: input.movers?.digest ?? null,
    stories: input.stories.length,
    stale: input.stale,
  };
  return { ...content, digest: digestOfDocument(content) };
}

export const command = new Command('report')
  .description(
    'one HTML page to look at, a Markdown page and a text to send: comparison, operations, costs, layouts, stories',
  )
  .option('--from <dir>', 'where compare.json, movers.json and claims.json are (default: results/)')
  .option('--out <dir>', 'where report.html, report.md and report.txt go (default: results/)')
  .option('--claims <file>', 'the document of lastref claims --json')
  .option('--designs <ids>', 'run anew, with these alone')
  .option('--workloads <ids>', 'run anew, with these alone')
  .option('--capture <file>', 'run anew, driven by this packet capture and nothing else')
  .addOption(eraOption('run anew, as this kernel', [OWN]))
  .addOption(withOption())
  .addOption(trustOption())
  .option('--open', 'open report.html when it is written')
  .option('--text', 'print the text of 72 columns and write nothing')
  .option('--markdown', 'print the Markdown page and write nothing')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Without a choice of its own it shows what is in --from, and runs what is missing there.

Examples:
  lastref report
  lastref report --with ./my-design.ts --out my-report
  lastref report --text --designs rpc-reply,ian-frag-destructor --workloads nfs-odirect`,
  )
  .action(reportCommand);
