import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { claimsMarkdown, claimsText } from '@lastref/report';
import { experimentsCalled, ledger, observe } from '@lastref/claims';
import { allDesigns } from '@lastref/runner';
import { cellsOfClaims, FINDS } from '@lastref/report/ci';
import { Outcome, judging } from './outcome.ts';
import { keep, show } from './say.ts';
import { outputOf } from './reference.ts';
import { house } from '../house.ts';
import pc from 'picocolors';

type ClaimsFlags = ReturnType<typeof command.opts>;

async function claimsCommand(flags: ClaimsFlags, typed: CommandUnknownOpts): Promise<void> {
  const outcome = new Outcome(flags, FINDS.claims);
  const dir = outputOf(flags, typed);
  const ids = flags.claim?.split(',').map((id) => id.trim().toUpperCase()) ?? null;
  const experiments = experimentsCalled(ids);
  const doc = ledger(experiments, await observe(house, experiments, await allDesigns()));
  keep(dir, 'claims', doc, () => claimsMarkdown(doc));
  show(flags, doc, () => claimsText(doc, pc, ids !== null));
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
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref claims
  lastref claims --claim L1
  lastref claims --claim Z6,Z7 --json`,
  );

command.action(claimsCommand);
