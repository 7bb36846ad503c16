import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { compareMarkdown, deltaLines, printable } from '@lastref/report';
import { cellsOfCompare } from '@lastref/report/ci';
import { compareLines } from '@lastref/report/text/compare';
import { isCapture, isRuntime, loadCaptures, mustBeWorkloads, pose } from '@lastref/runner';
import { captureCalled } from '@lastref/runner/asked';
import { designsAsked } from './asked.ts';
import { terminalWidth } from './width.ts';
import { Outcome, judging } from './outcome.ts';
import { RESULTS, outputOf } from './reference.ts';
import {
  OWN,
  bounded,
  eraOfEach,
  seedOption,
  ticks,
  trustOption,
  withOption,
  eraOption,
} from './flags.ts';
import { house } from '../house.ts';
import { keep, show } from './say.ts';
import {
  checkHint,
  comparePlan,
  comparedWith,
  keptComparison,
  priceHint,
  warningsOf,
  worthLooking,
} from '@lastref/runner/compare-asked';
import { question } from '@lastref/runner/compare';
import pc from 'picocolors';
import { replayWith, again } from '@lastref/runner/typed';

type CompareFlags = ReturnType<typeof command.opts>;

async function compareCommand(flags: CompareFlags, command: CommandUnknownOpts): Promise<void> {
  const dir = outputOf(flags, command);
  const outcome = new Outcome(flags);
  const base = flags.against === undefined ? null : keptComparison(flags.against);
  const capture = await captureCalled(flags);
  const driven = flags.capture !== undefined || flags.flow !== undefined;
  if (flags.with.length > 0)
    mustBeWorkloads(flags.workloads, driven ? await loadCaptures(capture) : undefined); // before they are loaded
  const asked = await designsAsked(flags, 'both');
  if (asked === null) return;
  const { designs, faults, there } = asked;
  const { candidates } = there;
  outcome.brings(candidates);
  const wanted = { ...flags, capture, driven, era: eraOfEach(flags.era) };
  const plan = await comparePlan(asked, wanted, faults.all);
  process.stderr.write(warningsOf(plan.workloads));
  const made = await pose(house, question, plan, { progress: 'compare', onFault: faults.onFault });
  const doc = base === null ? made : comparedWith(made, base);
  faults.report();
  const tell = () => outcome.tell(cellsOfCompare(doc), 'all', faults.all);
  if (doc.rows.length === 0) return void tell();
  const era = flags.era === OWN ? undefined : flags.era;
  keep(dir, 'compare', doc, () => compareMarkdown(doc, again('compare', { ...flags, era })));
  show(flags, doc, () => {
    const brief = dir !== null && flags.all !== true;
    const first = worthLooking(there);
    const replay = replayWith(flags.with, flags.trust);
    const brought = candidates.length > 0 ? candidates : designs.filter((d) => isRuntime(d.design));
    return [
      ...compareLines(doc, pc, { width: terminalWidth(), brief, first, driven: isCapture, replay }),
      ...priceHint(doc, candidates),
      ...checkHint(doc, brought, flags),
      ...(doc.against === undefined
        ? []
        : ['', pc.bold('What changed'), ...deltaLines(doc.against)]),
      ...(dir === null ? [] : [writtenLine(dir, brief)]),
    ].join('\n');
  });
  tell();
}

function writtenLine(dir: string, brief: boolean): string {
  const where = dir === RESULTS ? 'results/' : printable(dir);
  const more = brief ? ' (costs, times and every finding are there, or here with --all)' : '';
  return `Written: compare.json and compare.md in ${where}${more}`;
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
    .addOption(seedOption('the losses and delays'))
    .addOption(bounded('repeat', 'that many seeds, from --seed on', 1000, 1).default(1))
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
  );

command.action(compareCommand);
