import { Command } from '@commander-js/extra-typings';
import { ERAS } from '@lastref/kernel';
import {
  RecordingError,
  linesAbout,
  pageCalled,
  readRecording,
  recordingDocument,
} from '@lastref/recording';
import {
  mostTelling,
  recordedPicture,
  recordingText,
  type RecordingDocument,
} from '@lastref/report';
import { FINDS, cellsOfRecording } from '@lastref/report/ci';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import { UsageError, absolute, digested, writeFile } from '@lastref/runner';
import { readInput } from '@lastref/runner/asked';
import pc from 'picocolors';
import { house } from '../house.ts';
import { toolLine } from '@lastref/runner/origin';
import { typed, type Together } from '@lastref/runner/typed';
import { eraOption } from './flags.ts';
import { JUDGING, Outcome, judging } from './outcome.ts';
import { show } from './say.ts';
import { together } from './together.ts';

/** More than a script records of what anybody wants to look at. */
const BYTES_MAX = 256 << 20;

type RecordingFlags = ReturnType<typeof command.opts>;

async function recordingCommand(file: string, flags: RecordingFlags): Promise<void> {
  const outcome = new Outcome(flags, FINDS.recording);
  const era = ERAS.find(({ id }) => id === flags.era) ?? ERAS.at(-1)!;
  const page = flags.page === undefined ? null : pageCalled(flags.page);
  const there = await knownDesigns(house, { with: [] });
  const designs = selectDesigns(there, flags.designs).map((d) => d.design);
  const text = readInput(file, 'a recording', BYTES_MAX, ' (docs/recordings.md)');
  const recording = readRecording(file, text);
  const content = recordingDocument(recording, { file, era, designs, page });
  if (page !== null && content.buffers.length === 0)
    throw new UsageError(
      `${file}: no packet has page ${flags.page}; without --page all that were lent are shown`,
    );
  if (flags.cut === true) return void process.stdout.write(linesAbout(recording, text, page!));
  const doc = digested(content);
  if (flags.svg !== undefined) draw(doc, flags.svg);
  show(flags, doc, () => recordingText(doc, pc));
  outcome.tell(cellsOfRecording(doc));
}

function asMisuse(error: unknown): never {
  throw error instanceof RecordingError ? new UsageError(error.message) : error;
}

/** The page that was asked for, or the one in which somebody who hunts a fault is interested. */
function draw(doc: RecordingDocument, svg: string): void {
  if (!/\.svg$/i.test(svg))
    throw new UsageError(`--svg ${svg}: the picture goes to a file, such as --svg page.svg`);
  const buffer = mostTelling(doc.buffers);
  if (buffer === undefined)
    throw new UsageError(`${doc.file}: no page was seen in a packet: there is nothing to draw`);
  const path = absolute(svg);
  const data = recordedPicture(buffer, doc, `${toolLine()}; recording ${doc.file}`);
  writeFile(path, data);
  process.stderr.write(`written: ${typed(path)} (page ${buffer.page})\n`);
}

export const command = judging(
  new Command('recording')
    .description(
      'reads a recording of a running kernel (bpftrace, trace-cmd, pwru, retis): who could read which page, who had it last, and what each design would have said',
    )
    .argument('<file>', 'what the tool has printed')
    .option('--page <address>', 'this page alone (default: all that were lent)')
    .option('--designs <ids>', 'these designs, separated by commas (default: all)')
    .addOption(eraOption('whose helpers the designs are played with (default: the newest)'))
    .option('--cut', 'with --page: print the lines of the file about it, and nothing else'),
)
  .option(
    '--svg <file>',
    'also draw the page that --page names, or the first that was told early or is still readable: who could read it when, and where each design would have told',
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Addresses of sk_buffs alone do not show who shares data. Scripts that record heads and pages as well:
packages/recording/scripts/lastref.bt (bpftrace) and lastref-trace-cmd.sh (trace-cmd); docs/recordings.md has all four tools.

Examples:
  lastref recording my.recording
  lastref recording my.recording --designs msg-zerocopy,ian-frag-destructor --json
  lastref recording my.recording --svg page.svg --designs msg-zerocopy,ian-frag-destructor
  lastref recording my.recording --page ffb72b2640b69800 --cut > one-page.recording`,
  );

const TOGETHER: Together = {
  needs: { '--cut': ['--page'] },
  // the lines of a file are no verdict
  apart: { '--cut': ['--designs', '--era', '--svg', '--json', ...JUDGING] },
};

command
  .hook('preAction', together(TOGETHER))
  .action((file, flags) => recordingCommand(file, flags).catch(asMisuse));
