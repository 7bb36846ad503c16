import { duration } from '@lastref/report';
import { loadCandidate } from '../candidate.ts';
import { absolute } from '../registry.ts';
import { replay } from '../replay.ts';
import { decodeToken } from '../token.ts';

interface ReplayFlags {
  readonly until?: number | undefined;
  readonly all?: true | undefined;
  readonly capture?: string | undefined;
  readonly with: string[];
  readonly json?: true | undefined;
}

export async function replayCommand(text: string, flags: ReplayFlags): Promise<void> {
  const token = decodeToken(text);
  const extra = await Promise.all(flags.with.map((f) => loadCandidate(absolute(f))));
  const capture = flags.capture === undefined ? undefined : absolute(flags.capture);
  const { doc, touched, loan } = await replay(token, { until: flags.until, capture, extra });
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(doc)}\n`);
    return;
  }
  const out: string[] = [
    `${doc.design} on ${doc.workload}, era ${doc.era}, seed ${doc.seed}: ${doc.steps.length} steps`,
  ];
  if (!doc.same) {
    out.push(
      `This token was made by another version of the machine: its state ended as ${token.check}, here as ${doc.digest.slice(0, 8)}. What follows is what this version does.`,
    );
  }
  let left = 0;
  doc.steps.forEach((step, i) => {
    if (flags.all !== true && loan !== 0 && !touched[i]!.has(loan) && i < doc.steps.length - 1) {
      left++;
      return;
    }
    if (left > 0)
      out.push(`        … ${left} step${left === 1 ? '' : 's'} that do not touch loan ${loan}`);
    left = 0;
    out.push(
      `${String(step.n).padStart(6)}  ${duration(step.tick).padStart(8)}  ${focus(step.text, flags.all === true ? 0 : loan)}`,
    );
  });
  if (doc.findings.length === 0) out.push('Nothing was found.');
  for (const f of doc.findings) {
    out.push(
      `Found at step ${f.step}: ${f.property} (${f.harm}), ${f.where}: ${f.text}${f.count > 1 ? ` (${f.count} times)` : ''}`,
    );
  }
  process.stdout.write(`${out.join('\n')}\n`);
}

/** Leaves out what a line says of other loans. */
function focus(text: string, loan: number): string {
  if (loan === 0) return text;
  return text
    .split('; ')
    .filter((part, i, all) => {
      const said = /^(?:\*\* [A-Z]+ \([a-z]+\): )?.*?loan (\d+)\b/.exec(part);
      if (said !== null) return Number(said[1]) === loan;
      // the second half of a 'readable from' pair belongs to the loan named before it
      if (part.startsWith('page refs'))
        return Number(/loan (\d+)/.exec(all[i - 1] ?? '')?.[1]) === loan;
      return true;
    })
    .join('; ');
}
