import { Command } from '@commander-js/extra-typings';
import { BUGS, question, type Bug } from '@lastref/bugs';
import { bugWords, bugsText, cleanShare, playedOn, type BugRow } from '@lastref/report';
import { find, pose } from '@lastref/runner';
import pc from 'picocolors';
import { house } from '../house.ts';
import { replayHint } from './hint.ts';
import { cellsOfBugs, type Finds } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { sayDocument, sayText } from './say.ts';

const FINDS: Finds = {
  others: ['not-found'],
  properties: true,
  cells: 'BUG, BUG/wrong, BUG/fixed, BUG/wrong/PROPERTY',
};

async function bugsCommand(
  ids: readonly string[],
  flags: OutcomeFlags & { readonly json?: true | undefined },
): Promise<void> {
  const outcome = new Outcome(flags, FINDS);
  const wanted = ids.map((id) => find('bug', BUGS, (b) => b.id, id));
  const bugs = wanted.length === 0 ? BUGS : BUGS.filter((b) => wanted.includes(b));
  const doc = await pose(house, question, { bugs: bugs.map((b) => b.id) }, { progress: 'bugs' });
  if (flags.json === true) sayDocument(doc);
  else if (wanted.length === 0) sayText(bugsText(doc, pc));
  else {
    const pages = doc.rows.map((row) =>
      page(
        row,
        find('bug', BUGS, (b) => b.id, row.id),
      ),
    );
    sayText(pages.join('\n\n'));
  }
  outcome.tell(cellsOfBugs(doc));
}

function page(row: BugRow, bug: Bug): string {
  const { wrong, fixed } = bugWords(row);
  return [
    pc.bold(`${row.id}: ${row.title}`),
    `${row.where}, ${row.year}; ${row.source}`,
    '',
    bug.mechanism,
    `Fix: ${bug.fix}`,
    ...(bug.left === undefined ? [] : [`What is left: ${bug.left}`]),
    bug.lesson,
    '',
    pc.bold(`Wrong version: ${wrong}`),
    ...row.wrong.steps.map(({ n, text }) => `${String(n).padStart(6)}  ${text}`),
    ...(row.wrong.text === null ? [] : [row.wrong.text]),
    ...(row.wrong.token === null ? [] : [`  ${replayHint(row.wrong.token, [])}`]),
    `Clean runs: ${cleanShare(row)} of ${row.runs} at random show nothing.`,
    pc.bold(`Fixed version: ${fixed}`),
    `${playedOn(row, (id) => id)}; kernels ${row.wrong.era} and ${row.fixed.era}.`,
  ].join('\n');
}

export const command = judging(
  new Command('bugs')
    .description(
      'real bugs of history: the wrong version of each is found, the fixed one searched to its end',
    )
    .argument('[ids...]', 'these, each with its story (default: all, as a table)'),
  FINDS,
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref bugs
  lastref bugs sunrpc-rtx
  lastref bugs gro-zerocopy mtu-probe --json
  lastref bugs --fail-on not-found,early,corrupt --exclude '*/wrong'   (as history says, or exit code 1)`,
  )
  .action(bugsCommand);
