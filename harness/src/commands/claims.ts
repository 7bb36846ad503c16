import { mkdirSync, writeFileSync } from 'node:fs';
import { claimsMarkdown, claimsText, type ClaimsDocument } from '@lastref/report';
import pc from 'picocolors';
import { experimentsCalled, ledger, observe } from '../claims/ledger.ts';
import { UsageError } from '../errors.ts';
import { ROOT, absolute, allDesigns } from '../registry.ts';

interface ClaimsFlags {
  readonly claim?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

export async function claimsCommand(flags: ClaimsFlags): Promise<void> {
  const ids = flags.claim?.split(',').map((id) => id.trim().toUpperCase()) ?? null;
  const experiments = experimentsCalled(ids);
  const doc = ledger(experiments, await observe(experiments, await allDesigns()));
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
