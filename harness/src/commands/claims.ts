import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { claimsMarkdown, claimsText } from '@lastref/report';
import { experimentsCalled, ledger, observe } from '@lastref/claims';
import { absolute, allDesigns, tryDirectory, writeTogether } from '@lastref/runner';
import { RESULTS, isReference } from './reference.ts';
import { house } from '../house.ts';
import pc from 'picocolors';

interface ClaimsFlags {
  readonly claim?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

async function claimsCommand(flags: ClaimsFlags, command: CommandUnknownOpts): Promise<void> {
  const dir = flags.out !== undefined ? absolute(flags.out) : isReference(command) ? RESULTS : null;
  if (dir !== null) tryDirectory(dir);
  const ids = flags.claim?.split(',').map((id) => id.trim().toUpperCase()) ?? null;
  const experiments = experimentsCalled(ids);
  const doc = ledger(experiments, await observe(house, experiments, await allDesigns()));
  if (dir !== null)
    writeTogether(dir, [
      {
        name: 'claims.json',
        data: `${JSON.stringify(doc, null, 1)}
`,
      },
      { name: 'claims.md', data: claimsMarkdown(doc) },
    ]);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(doc)}\n` : claimsText(doc, pc, ids !== null),
  );
}

export const command = new Command('claims')
  .description(
    'what five documents of 2007 to 2013 claimed: an experiment on each statement, with its verdict',
  )
  .option('--claim <ids>', 'only these, separated by commas, each with all that was seen')
  .option(
    '--out <dir>',
    'where claims.json and claims.md go (default: results/, for all claims only)',
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref claims
  lastref claims --claim L1
  lastref claims --claim Z6,Z7 --json`,
  )
  .action(claimsCommand);
