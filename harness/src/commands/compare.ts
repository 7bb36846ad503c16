import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import {
  BASELINES,
  compareSchema,
  deltaLines,
  deltaOf,
  answerLines,
  holding,
  awayTable,
  costHead,
  eraWords,
  compareMarkdown,
  SIZE_WORDS,
  sizeHead,
  sizeTable,
  wrapped,
  costTable,
  many,
  mostWorthLooking,
  printable,
  tellingTable,
  verdictTable,
  type CompareDocument,
  threatText,
} from '@lastref/report';
import { DEFAULT_DRIVER_TICKS, type CaptureWorkload } from '@lastref/workloads';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import {
  UsageError,
  digestOfDocument,
  absolute,
  allWorkloads,
  bundledCapture,
  findEra,
  playable,
  chooseFlows,
  isCapture,
  isRuntime,
  mustBeDesign,
  keepInput,
  loadCaptures,
  type CaptureSource,
  workloadsFor,
  type DesignFile,
  pose,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { FaultsOfRun, reportFault } from './faults.ts';
import { hint, quoted, replayHint } from './hint.ts';
import { terminalWidth } from './width.ts';
import { cellsOfCompare } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { RESULTS, isReference } from './reference.ts';
import { OWN, count, seed, ticks, trustOption, withOption, eraOption } from './flags.ts';
import { document } from '../report.ts';
import { house } from '../house.ts';
import { kept, page, sayDocument, sayText } from './say.ts';
import { question } from '@lastref/runner/compare';
import pc from 'picocolors';

interface CompareFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly capture?: string | undefined;
  readonly flow?: string | undefined;
  readonly driverDelay?: number | undefined;
  readonly era?: string | undefined;
  readonly seed: number;
  readonly repeat: number;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly against?: string | undefined;
  readonly out?: string | undefined;
  readonly all?: true | undefined;
  readonly json?: true | undefined;
}

async function compareCommand(flags: CompareFlags, command: CommandUnknownOpts): Promise<void> {
  const dir = flags.out !== undefined ? absolute(flags.out) : isReference(command) ? RESULTS : null;
  if (dir !== null) tryDirectory(dir);
  const outcome = new Outcome(flags);
  const base = flags.against === undefined ? null : baseOf(flags.against);
  const era = flags.era === undefined || flags.era === OWN ? null : findEra(flags.era);
  const capture = await captureOf(flags);
  const there = await knownDesigns(house, flags.with, reportFault, flags.trust, 'both');
  const { all: known, candidates } = there;
  const designs = selectDesigns(there, flags.designs);
  if (designs.length === 0) return;
  const driven = flags.capture !== undefined || flags.flow !== undefined;
  if (driven) for (const { design } of designs) mustBeDesign(design, 'a capture drives');
  const named = driven ? await loadCaptures(capture) : allWorkloads();
  const selected = workloadsFor(designs, flags.workloads, named);
  const workloads = era === null ? selected : playable(selected, era);
  if (era !== null && workloads.length === 0)
    throw new UsageError(`era ${era.id} can play none of the workloads that were named`);
  for (const workload of workloads)
    if ('plan' in workload) tellWarnings(workload as CaptureWorkload);
  const faults = new FaultsOfRun(there.faults);
  const plan = {
    designs,
    // a run of some workloads is for their verdicts: it does not wait for designs that nobody named
    baselines:
      flags.workloads === undefined && !designs.some(({ design }) => isRuntime(design))
        ? known.filter((d) => BASELINES.includes(d.design.id))
        : [],
    workloads,
    // messages of all sizes are part of the whole comparison, and of what nobody restricted to some workloads
    sizes: flags.workloads === undefined && !driven && !designs.some((d) => isRuntime(d.design)),
    capture,
    era: era?.id ?? null,
    seed: flags.seed,
    repeat: flags.repeat,
    faults: faults.all,
  };
  const made = await pose(house, question, plan, { progress: 'compare', onFault: faults.onFault });
  const doc = base === null ? made : beside(made, base);
  faults.report();
  if (doc.rows.length === 0) return;
  if (dir !== null)
    writeTogether(dir, [
      {
        name: 'compare.json',
        data: kept(doc),
      },
      { name: 'compare.md', data: page(compareMarkdown(doc, commandOf(flags))) },
    ]);
  if (flags.json === true) sayDocument(doc);
  else {
    const asked = candidates.length > 0 ? candidates : designs.filter((d) => isRuntime(d.design));
    const further = checkHint(doc, asked, flags.with);
    print(doc, worthLooking(known, candidates), { ...flags, dir, further });
  }
  outcome.tell(cellsOfCompare(doc));
}

/** A comparison that was kept. Throws UsageError for what is none. */
function baseOf(file: string): CompareDocument {
  const base = document(absolute(file), compareSchema);
  if (base === null) throw new UsageError(`--against ${file}: there is no such file`);
  return base;
}

function beside({ digest: _, ...doc }: CompareDocument, base: CompareDocument): CompareDocument {
  const content = { ...doc, against: deltaOf(base, { ...doc, digest: '' }) };
  return { ...content, digest: digestOfDocument(content) };
}

/** The file and its connections that the flags name; standard input is kept until the process ends. */
async function captureOf(flags: CompareFlags): Promise<CaptureSource> {
  const driverTicks = flags.driverDelay ?? DEFAULT_DRIVER_TICKS;
  const { capture, flow } = flags;
  const bundled = bundledCapture();
  const file =
    capture === undefined
      ? bundled.file
      : await keepInput(capture === '-' ? capture : absolute(capture));
  const source = { file, driverTicks, flows: null };
  return flow === undefined ? source : chooseFlows(source, flow);
}

/** Which connection drives, and what of it cannot be known. */
function tellWarnings({ warnings, title }: CaptureWorkload): void {
  process.stderr.write(`${printable(title)}\n`);
  for (const line of warnings) process.stderr.write(`  ${printable(line)}\n`);
}

/** The designs whose findings a reader wants to see first: candidates, else what was proposed. */
function worthLooking(
  known: readonly DesignFile[],
  candidates: readonly DesignFile[],
): ReadonlySet<string> {
  const proposed = known.filter((d) => d.design.status === 'proposed');
  return new Set((candidates.length > 0 ? candidates : proposed).map((d) => d.design.id));
}

/** The command that makes this page again. */
function commandOf(flags: CompareFlags): string {
  const parts = ['./lastref compare'];
  if (flags.designs !== undefined) parts.push(`--designs ${flags.designs}`);
  if (flags.workloads !== undefined) parts.push(`--workloads ${flags.workloads}`);
  if (flags.capture !== undefined) parts.push(`--capture ${flags.capture.split('/').at(-1)}`);
  if (flags.flow !== undefined) parts.push(`--flow '${flags.flow}'`);
  if (flags.driverDelay !== undefined) parts.push(`--driver-delay ${flags.driverDelay}`);
  if (flags.era !== undefined && flags.era !== OWN) parts.push(`--era ${flags.era}`);
  if (flags.seed !== 1) parts.push(`--seed ${flags.seed}`);
  if (flags.repeat !== 1) parts.push(`--repeat ${flags.repeat}`);
  for (const file of flags.with) parts.push(`--with ${file.split('/').at(-1)}`);
  return parts.join(' ');
}

/** For who wrote one of `files` and sees that nothing was found: one run is no proof, and what would be one. */
function checkHint(
  { rows, ...doc }: CompareDocument,
  files: readonly DesignFile[],
  brought: readonly string[],
): string[] {
  const holds = new Set(holding({ rows, ...doc }));
  const { design } = files.find((f) => holds.has(f.design.id)) ?? {};
  if (design === undefined) return [];
  const [first] = rows.filter(
    (r) => r.design === design.id && r.state === 'judged' && !isCapture(r.workload),
  );
  if (first === undefined) return [];
  // the subtler bugs of programs take two requests
  const on = isRuntime(design) ? `${first.workload}~2` : first.workload;
  return [
    '',
    'Each cell is one run, and nothing found is no proof. Every order of its steps:',
    `  ${hint('check', design.id, on, ...brought.map((file) => `--with ${quoted(file)}`))}`,
  ];
}

function bold(text: string, width: number): string[] {
  return wrapped(text, width).map((line) => pc.bold(line));
}

interface Printing {
  readonly with: readonly string[];
  readonly dir: string | null;
  readonly all?: true | undefined;
  /** Lines on what to do next. */
  readonly further: readonly string[];
}

function print(
  doc: CompareDocument,
  proposed: ReadonlySet<string>,
  { with: candidates, dir, all, further }: Printing,
): void {
  const width = terminalWidth();
  const brief = dir !== null && all !== true;
  const out: string[] = [
    ...bold(
      `When was the page really free? ${many(doc.designs.length, 'design')}, ${many(doc.workloads.length, 'workload')}, ${eraWords(doc)}, seed ${doc.seed}`,
      width,
    ),
    ...answerLines(doc, width),
    '',
    verdictTable(doc, pc, width),
  ];
  if (!brief)
    out.push(
      '',
      ...bold(costHead(doc), width),
      costTable(doc, width),
      '',
      ...bold('Where producers are told, how late, and who can put it off', width),
      tellingTable(doc, width),
      '',
      pc.bold('How long pages are away, from lending to being told'),
      awayTable(doc, width),
      ...(doc.costs.bySize === undefined
        ? []
        : [
            '',
            ...bold(sizeHead(doc), width),
            sizeTable(doc, width),
            ...wrapped(SIZE_WORDS.replaceAll('*', ''), width, ''),
          ]),
    );
  if (doc.capture !== null) {
    for (const { title, story } of doc.workloads.filter(({ id }) => isCapture(id)))
      out.push(`${printable(title)}: ${story}`);
  }
  const best = mostWorthLooking(doc.rows, proposed);
  if (best !== null) {
    out.push(
      '',
      `Most worth looking at: ${pc.bold(best.row.design)} on ${best.row.workload}: ${best.finding.text} (${threatText(best.finding)}).`,
      `  ${replayHint(best.finding.token, candidates)}`,
    );
  }
  out.push(...further);
  if (doc.against !== undefined) out.push('', pc.bold('What changed'), ...deltaLines(doc.against));
  if (dir !== null)
    out.push(
      `Written: compare.json and compare.md in ${dir === RESULTS ? 'results/' : printable(dir)}${brief ? ' (costs, times and every finding are there, or here with --all)' : ''}`,
    );
  sayText(out.join('\n'));
}

export const command = judging(
  new Command('compare')
    .description('every design on every workload under the clock: verdicts, hold times, costs')
    .option('--designs <ids>', 'only these, separated by commas')
    .option('--workloads <ids>', 'only these, separated by commas')
    .option(
      '--capture <file>',
      'let this packet capture (pcap, pcapng, also .gz and .zst; -: standard input) drive the run, and nothing else',
    )
    .option(
      '--flow <n>',
      "with a capture: this connection as lastref capture numbers it, its other side (3/server), several (1,4), all, or a filter ('host 10.0.0.2 and port 2049', 'rpc'); default: the one with the most payload",
    )
    .addOption(
      new Option(
        '--driver-delay <µs>',
        'with a capture: how long the driver holds a packet before the device reads it',
      ).argParser(ticks),
    )
    .addOption(eraOption('behave like this kernel', [OWN]))
    .addOption(
      new Option('--seed <n>', 'seed of the losses and delays, or a commit hash')
        .argParser(seed)
        .default(1),
    )
    .addOption(
      new Option('--repeat <n>', 'that many seeds, from --seed on')
        .argParser(count(1000))
        .default(1),
    )
    .addOption(withOption())
    .addOption(trustOption())
    .option(
      '--against <file>',
      'print what changed from a comparison that was kept (compare.json, or what --json printed)',
    ),
)
  .option(
    '--out <dir>',
    'where compare.json and compare.md go (default: results/, for a full run only)',
  )
  .option('--all', 'print costs and times too, where they also go to files')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref compare
  lastref compare --designs rpc-reply,ian-frag-destructor --workloads nfs-odirect
  lastref compare --era 6.12 --workloads sendfile-locked,tap-slow-reader
  lastref compare --capture my-server.pcapng --json
  lastref compare --capture mount.pcap.gz --flow 'port 2049'
  ssh server tcpdump -s 256 -w - port 2049 | lastref compare --capture -
  lastref compare --era 2.6.24 --repeat 5 --fail-on delivered
  lastref compare --with my-runtime.ts   (a program above a socket, beside those that ship)`,
  )
  .action(compareCommand);
