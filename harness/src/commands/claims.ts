import { Command } from '@commander-js/extra-typings';
import { mkdirSync, writeFileSync } from 'node:fs';
import { claimsMarkdown, claimsText, type ClaimsDocument } from '@lastref/report';
import { experimentsCalled, ledger, observe } from '@lastref/claims';
import { UsageError, ROOT, absolute, allDesigns } from '@lastref/runner';
import { house } from '../house.ts';
import pc from 'picocolors';

interface ClaimsFlags {
  readonly claim?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

async function claimsCommand(flags: ClaimsFlags): Promise<void> {
  const ids = flags.claim?.split(',').map((id) => id.trim().toUpperCase()) ?? null;
  const experiments = experimentsCalled(ids);
  const doc = ledger(experiments, await observe(house, experiments, await allDesigns()));
  const dir =
    flags.out !== undefined ? absolute(flags.out) : ids === null ? `${ROOT}results` : null;
  if (dir !== null) write(dir, doc);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(doc)}\n` : claimsText(doc, pc, ids !== null),
  );
}

function write(dir: string, doc: ClaimsDocument): void {
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(`${dir}/claims.json`, `${JSON.stringify(doc, null, 1)}\n`);
    writeFileSync(`${dir}/claims.md`, claimsMarkdown(doc));
  } catch (error) {
    throw new UsageError(
      `${dir}: cannot be written (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    );
  }
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
