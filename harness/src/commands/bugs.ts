import { Command } from '@commander-js/extra-typings';
import { BUGS, question } from '@lastref/bugs';
import { bringBugs } from '@lastref/bugs/own';
import { bugPage, bugsText, type BugRow } from '@lastref/report';
import { absolute, find, pose } from '@lastref/runner';
import pc from 'picocolors';
import { house } from '../house.ts';
import { cellsOfBugs, FINDS } from '@lastref/report/ci';
import { replayWith } from '@lastref/runner/typed';
import { Outcome, judging } from './outcome.ts';
import { show } from './say.ts';

type BugsFlags = ReturnType<typeof command.opts>;

async function bugsCommand(ids: readonly string[], flags: BugsFlags): Promise<void> {
  const trust = flags.with.length > 0 ? true : undefined; // as `replay` wants to be told
  const outcome = new Outcome({ ...flags, trust }, FINDS.bugs);
  const wanted = ids.map((id) => find('bug', BUGS, (b) => b.id, id));
  const { own, cards } = await bringBugs(flags.with.map(absolute));
  const all = wanted.length + own.length === 0;
  const bugs = all ? BUGS : BUGS.filter((b) => wanted.includes(b));
  const plan = { bugs: bugs.map((b) => b.id), own };
  const doc = await pose(house, question, plan, { progress: 'bugs' });
  if (all) show(flags, doc, () => bugsText(doc, pc));
  else {
    const page = (row: BugRow): string =>
      bugPage(
        row,
        [...bugs, ...cards].find((b) => b.id === row.id)!,
        pc,
        replayWith(flags.with, trust),
      );
    show(flags, doc, () => doc.rows.map(page).join('\n\n'));
  }
  outcome.tell(cellsOfBugs(doc));
}

export const command = judging(
  new Command('bugs')
    .description(
      'real bugs of history: the wrong version of each is found, the fixed one searched to its end',
    )
    .argument('[ids...]', 'these, each with its story (default: all, as a table)'),
)
  .option(
    '--with <file>',
    'a bug of your own (again for more), each with its story; its code runs beside the judge, as it is part of the machine: docs/own-bugs.md',
    (file: string, files: string[]) => [...files, file],
    [] as string[],
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref bugs
  lastref bugs sunrpc-rtx
  lastref bugs gro-zerocopy mtu-probe --json
  lastref bugs --with my-bug.ts
  lastref bugs --fail-on not-found,early,corrupt --exclude '*/wrong'   (as history says, or exit code 1)`,
  );

command.action(bugsCommand);
