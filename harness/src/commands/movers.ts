import { Command } from '@commander-js/extra-typings';
import {
  differenceLines,
  gravestOf,
  headRows,
  many,
  matrixTable,
  type MoversDocument,
} from '@lastref/report';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import { digestOfDocument, findEra, pose, trustedIn, type DesignFile } from '@lastref/runner';
import { FaultsOfRun, reportFault } from './faults.ts';
import { replayHint } from './hint.ts';
import { terminalWidth } from './width.ts';
import { bounded, trustOption, withOption, eraOption } from './flags.ts';
import { cellsOfMovers } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { house } from '../house.ts';
import { sayDocument, sayText } from './say.ts';
import { NEWEST_FIRST, question } from '@lastref/operations';
import pc from 'picocolors';

interface MoversFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly era?: string | undefined;
  readonly newest?: true | undefined;
  readonly faults?: true | undefined;
  readonly cpus?: number | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

async function moversCommand(flags: MoversFlags): Promise<void> {
  const outcome = new Outcome(flags);
  const eras = flags.era === undefined ? NEWEST_FIRST : [findEra(flags.era).id];
  const there = await knownDesigns(house, flags.with, reportFault, flags.trust);
  const { candidates } = there;
  const designs = selectDesigns(there, flags.designs);
  if (designs.length === 0) return;
  const faults = new FaultsOfRun(there.faults);
  const doc = await pose(
    house,
    question,
    {
      designs,
      eras,
      head: flags.newest === true,
      faults: flags.faults === true,
      ...(flags.cpus === 2 ? { processors: 2 as const } : {}),
      stopped: faults.all,
    },
    { progress: 'movers', onFault: faults.onFault },
  );
  const own = new Set(candidates.map((d) => d.design.id));
  if (doc.designs.length > 0) {
    if (flags.json === true) sayDocument(withTrusted(doc, candidates));
    else sayText(text(doc, own, flags.with));
  }
  outcome.tell(cellsOfMovers(doc));
  faults.report();
}

/** The document, which says whose code ran beside the judge. */
function withTrusted(
  { digest, ...content }: MoversDocument,
  files: readonly DesignFile[],
): MoversDocument {
  const trusted = trustedIn(files);
  if (trusted.trusted === undefined) return { ...content, digest };
  const told = { ...content, ...trusted };
  return { ...told, digest: digestOfDocument(told) };
}

/** `own`: the candidates, whose refutations a reader wants to see first; `files`: where they are. */
function text(doc: MoversDocument, own: ReadonlySet<string>, files: readonly string[]): string {
  const refuted = headRows(doc).flatMap((r) =>
    doc.designs
      .map((d) => ({ design: d, mover: r.mover, cell: r.cells[d]! }))
      .filter((c) => c.cell.token !== null && c.cell.adds.length > 0),
  );
  const differ = differenceLines(doc);
  const out = [
    pc.bold(
      `Every operation that moves a fragment, under ${many(doc.designs.length, 'design')}, ${doc.eras.length === 1 ? `era ${doc.eras[0]}` : `each in the newest kernel that has it: ${doc.eras[0]} where nothing else is said`}`,
    ),
    matrixTable(doc, pc, terminalWidth()),
    `${doc.runs} runs: each cell rests on every order in which the holders let go, shared and as sole owner, and of two packets that become one also with one of which nothing was lent${doc.faults ? ', without a failure and with each allocation of the operation failing once' : ''}${doc.processors === 2 ? "; and with one of them letting go on a second processor, at each point of the operation and of the others' letting go" : ''}.`,
  ];
  if (differ.length > 0) out.push('', pc.bold('Where kernels differ'), ...differ);
  const first = refuted.filter((r) => own.has(r.design));
  const among = first.length > 0 ? first : refuted;
  const worst = gravestOf(among.map((r) => r.cell.adds[0]!));
  const shown = among.find((r) => r.cell.adds[0] === worst);
  if (shown !== undefined)
    out.push(
      `For one: ${shown.design} under ${shown.mover}`,
      `  ${replayHint(shown.cell.token!, files)}`,
    );
  return `${out.join('\n')}\n`;
}

export const command = judging(
  new Command('movers')
    .description(
      'every operation that moves a fragment × every design: proven, refuted, copied or not applicable',
    )
    .option('--designs <ids>', 'only these, separated by commas')
    .option('--faults', 'also with every allocation of the operation failing once')
    .addOption(
      bounded(
        'cpus',
        'processors (default 1): with 2 one holder may let go inside the operation, or inside another letting go',
        2,
        1,
      ),
    )
    .addOption(eraOption('behave like this kernel (default: each in turn)'))
    .option('--newest', 'each operation only in the newest kernel that has it')
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref movers
  lastref movers --faults
  lastref movers --cpus 2 --designs page-lru --newest
  lastref movers --designs rusty-shinfo-orig,ian-frag-destructor --era 2.6.24`,
  )
  .action(moversCommand);
