import type { ReplayDocument } from '@lastref/report';
import { knownDesigns } from '../candidate/known.ts';
import { sourceOf } from '../candidate/source.ts';
import { ask } from '../pool.ts';
import { absolute } from '../registry.ts';
import { decodeToken } from '../token.ts';

interface ReplayFlags {
  readonly until?: number | undefined;
  readonly all?: true | undefined;
  readonly capture?: string | undefined;
  readonly trace?: string | undefined;
  readonly diff?: string | undefined;
  readonly with: string[];
  readonly json?: true | undefined;
}

export async function replayCommand(text: string, flags: ReplayFlags): Promise<void> {
  const token = decodeToken(text);
  const { candidates } = await knownDesigns(flags.with);
  const { doc, lines, files } = await ask({
    kind: 'replay',
    candidates: candidates.map(sourceOf),
    token: text,
    until: flags.until,
    capture: flags.capture === undefined ? undefined : absolute(flags.capture),
    diff: flags.diff,
    trace: flags.trace === undefined ? undefined : absolute(flags.trace),
    all: flags.all === true,
  });
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(doc)}\n`);
    return;
  }
  const out = doc.schema === 'lastref.replay/1' ? heading(doc, token.check) : [];
  out.push(...lines);
  if (files.length > 0) out.push(`Written to ${flags.trace}: ${files.join(', ')}`);
  process.stdout.write(`${out.join('\n')}\n`);
}

function heading(doc: ReplayDocument, check: string): string[] {
  const out = [
    `${doc.design} on ${doc.workload}, era ${doc.era}, seed ${doc.seed}: ${doc.steps.length} steps`,
  ];
  if (!doc.same)
    out.push(
      `This token was made by another version of the machine: its state ended as ${check}, here as ${doc.digest.slice(0, 8)}. What follows is what this version does.`,
    );
  return out;
}
