import { Command } from '@commander-js/extra-typings';
import { listDocument, moverAges } from '@lastref/evidence';
import { listText } from '@lastref/report/text/list';
import { knownDesigns } from '@lastref/runner/known';
import { house } from '../house.ts';
import { trustOption, withOption } from './flags.ts';
import { show } from './say.ts';

type ListFlags = ReturnType<typeof command.opts>;

async function listCommand(flags: ListFlags): Promise<void> {
  const known = await knownDesigns(house, flags, { takes: 'both' });
  const doc = listDocument(known);
  show(flags, doc, () => listText(doc, moverAges()));
}

export const command = new Command('list')
  .description('designs, runtimes, workloads, movers and eras, one line each')
  .addOption(withOption())
  .addOption(trustOption())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText('after', '\nExamples:\n  lastref list\n  lastref list --json');

command.action(listCommand);
