import { Command } from '@commander-js/extra-typings';
import { BUGS, question } from '@lastref/bugs';
import { bugPage, bugsText } from '@lastref/report';
import { find, pose } from '@lastref/runner';
import pc from 'picocolors';
import { house } from '../house.ts';
import { replayWith } from './hint.ts';
import { cellsOfBugs, type Finds } from '@lastref/report/ci';
import { Outcome, judging } from './outcome.ts';
import { show } from './say.ts';

const FINDS: Finds = {
  others: ['not-found'],
  properties: true,
  cells: 'BUG, BUG/wrong, BUG/fixed, BUG/wrong/PROPERTY',
};

type BugsFlags = ReturnType<typeof command.opts>;

async function bugsCommand(ids: readonly string[], flags: BugsFlags): Promise<void> {
  const outcome = new Outcome(flags, FINDS);
  const wanted = ids.map((id) => find('bug', BUGS, (b) => b.id, id));
  const bugs = wanted.length === 0 ? BUGS : BUGS.filter((b) => wanted.includes(b));
  const doc = await pose(house, question, { bugs: bugs.map((b) => b.id) }, { progress: 'bugs' });
  const replay = replayWith([]);
  show(flags, doc, () =>
    wanted.length === 0
      ? bugsText(doc, pc)
      : doc.rows
          .map((row) =>
            bugPage(
              row,
              BUGS.find((b) => b.id === row.id)!,
              pc,
              replay,
            ),
          )
          .join('\n\n'),
  );
  outcome.tell(cellsOfBugs(doc));
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
  );

command.action(bugsCommand);
