import { Command } from '@commander-js/extra-typings';
import { storiesText } from '@lastref/report';
import { findEra, pose } from '@lastref/runner';
import { question } from '@lastref/runner/stories';
import pc from 'picocolors';
import { designsAsked } from './asked.ts';
import { eraOption, trustOption, withOption } from './flags.ts';
import { cellsOfStories } from '@lastref/report/ci';
import { replayWith } from '@lastref/runner/typed';
import { Outcome, judging } from './outcome.ts';
import { house } from '../house.ts';
import { show } from './say.ts';

type StoriesFlags = ReturnType<typeof command.opts>;

async function storiesCommand(flags: StoriesFlags): Promise<void> {
  const outcome = new Outcome(flags);
  const era = flags.era === undefined ? null : findEra(flags.era).id;
  const asked = await designsAsked(flags, 'designs', 'candidates');
  if (asked === null) return;
  const { designs, faults } = asked;
  outcome.brings(asked.there.candidates);
  const plan = { designs, era, faults: faults.all };
  const doc = await pose(house, question, plan, { progress: 'stories', onFault: faults.onFault });
  faults.report();
  if (doc.cells.length > 0)
    show(flags, doc, () => storiesText(doc, pc, replayWith(flags.with, flags.trust)));
  outcome.tell(cellsOfStories(doc), 'all', faults.all);
}

export const command = judging(
  new Command('stories')
    .description(
      'scripted situations that no clock comes to: interrupts off, an owner who is gone, pages of a slab, notices that are joined',
    )
    .option('--designs <ids>', 'only these, separated by commas (default: candidates, else all)')
    .addOption(
      eraOption('behave like this kernel (default: the newest that each story is told for)'),
    )
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref stories --designs ian-frag-destructor
  lastref stories --with ./my-design.ts
  lastref stories --designs msg-zerocopy,ubuf-orphan --era 4.14`,
  );

command.action(storiesCommand);
