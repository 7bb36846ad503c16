import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { claimsFile, documentsIn, gather, writeReport } from '@lastref/evidence';
import { reportMarkdown, reportText } from '@lastref/report';
import { knownDesigns, mustBring, selectDesigns } from '@lastref/runner/known';
import {
  type Fault,
  UsageError,
  absolute,
  allWorkloads,
  findEra,
  loadCapture,
  selectWorkloads,
  tryDirectory,
} from '@lastref/runner';
import { captureCalled } from '@lastref/runner/asked';
import { typed, again, type Together } from '@lastref/runner/typed';
import { reportFault, reportFaults } from './faults.ts';
import { RESULTS, isReference } from './reference.ts';
import { openFile } from './open.ts';
import { OWN, trustOption, withOption, eraOption } from './flags.ts';
import { house } from '../house.ts';
import { page, sayDocument } from './say.ts';
import { together } from './together.ts';

type ReportFlags = ReturnType<typeof command.opts>;

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
  const from = flags.from === undefined ? RESULTS : documentsIn(flags.from);
  const claims = flags.claims === undefined ? undefined : claimsFile(flags.claims);
  const printed = flags.text === true || flags.markdown === true;
  const out = absolute(flags.out ?? (isReference(command) ? RESULTS : ELSEWHERE));
  if (!printed) tryDirectory(out);
  const capture = await captureCalled(flags);
  const all = flags.capture === undefined ? allWorkloads() : [await loadCapture(capture)];
  const workloads = selectWorkloads(all, flags.workloads);
  await mustBring(flags.designs, flags.with);
  const there = await knownDesigns(house, flags, { onFault: reportFault });
  const { all: known } = there;
  const faults: Fault[] = [];
  const input = await gather(house, {
    from: chosen ? null : from,
    claims,
    known,
    designs: selectDesigns(there, flags.designs),
    workloads,
    capture,
    era: era?.id ?? null,
    commands: [again('report', flags)],
    onFault: (fault) => faults.push(fault),
  });
  reportFaults(faults);
  if (printed) {
    process.stdout.write(flags.text === true ? reportText(input) : page(reportMarkdown(input)));
    return;
  }
  const doc = await writeReport(out, input, page);
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
  );

const TOGETHER: Together = {
  apart: {
    '--text': ['--markdown', '--out', '--json', '--open'],
    '--markdown': ['--out', '--json', '--open'],
  },
};

command.hook('preAction', together(TOGETHER)).action(reportCommand);
