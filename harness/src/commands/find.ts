import { Command } from '@commander-js/extra-typings';
import { entriesOf, found } from '@lastref/bugs';
import { foundDocument, foundText } from '@lastref/report/text/find';
import { UsageError, digested } from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import pc from 'picocolors';
import { hint } from '@lastref/runner/typed';
import { house } from '../house.ts';
import { show } from './say.ts';

async function findCommand(words: readonly string[], flags: { json?: true }): Promise<void> {
  const designs = (await knownDesigns(house, { with: [] })).all.map(({ design }) => design);
  const all = found(entriesOf(designs, hint), words);
  if (all.length === 0)
    throw new UsageError(
      `nothing is known of '${words.join(' ')}'; lastref list and lastref bugs show all that there is`,
    );
  show(flags, digested(foundDocument(words, all)), () => foundText(all, pc));
}

export const command = new Command('find')
  .description('bugs, operations, workloads and designs that have to do with these words')
  .argument('<words...>', 'what was seen: a program, a symptom, a function, a CVE')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref find nfs corruption
  lastref find msg_zerocopy notification before retransmission
  lastref find CVE-2014-0131 --json`,
  )
  .action(findCommand);
