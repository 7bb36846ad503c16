import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { claimsMarkdown, claimsText } from '@lastref/report';
import { experimentsCalled, ledger, observe } from '@lastref/claims';
import { absolute, allDesigns, tryDirectory, writeTogether } from '@lastref/runner';
import { cellsOfClaims, type Finds } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { RESULTS, isReference } from './reference.ts';
import { kept, page, sayDocument, sayText } from './say.ts';
import { house } from '../house.ts';
import pc from 'picocolors';

const FINDS: Finds = {
  others: ['refuted'],
  properties: false,
  cells: 'SOURCE (L), SOURCE/CLAIM (L/L1)',
};

interface ClaimsFlags extends OutcomeFlags {
  readonly claim?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

async function claimsCommand(flags: ClaimsFlags, command: CommandUnknownOpts): Promise<void> {
  const outcome = new Outcome(flags, FINDS);
  const dir = flags.out !== undefined ? absolute(flags.out) : isReference(command) ? RESULTS : null;
  if (dir !== null) tryDirectory(dir);
  const ids = flags.claim?.split(',').map((id) => id.trim().toUpperCase()) ?? null;
  const experiments = experimentsCalled(ids);
  const doc = ledger(experiments, await observe(house, experiments, await allDesigns()));
  if (dir !== null)
    writeTogether(dir, [
      {
        name: 'claims.json',
        data: kept(doc),
      },
      { name: 'claims.md', data: page(claimsMarkdown(doc)) },
    ]);
  if (flags.json === true) sayDocument(doc);
  else sayText(claimsText(doc, pc, ids !== null));
  outcome.tell(cellsOfClaims(doc));
}

export const command = judging(
  new Command('claims')
    .description(
      'what five documents of 2007 to 2013 claimed: an experiment on each statement, with its verdict',
    )
    .option('--claim <ids>', 'only these, separated by commas, each with all that was seen')
    .option(
      '--out <dir>',
      'where claims.json and claims.md go (default: results/, for all claims only)',
    ),
  FINDS,
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
