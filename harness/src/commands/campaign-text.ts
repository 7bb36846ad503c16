// A campaign's findings for a terminal.
import type { CampaignDocument } from '@lastref/report';
import { many, threatText } from '@lastref/report/words';
import pc from 'picocolors';
import { replayHint } from './hint.ts';

/** `candidates`: files that a replay needs. */
export function campaignText(doc: CampaignDocument, candidates: readonly string[]): string {
  const { coverage } = doc;
  const out = [
    pc.bold(
      `Random runs, every design in ${doc.era}, seed ${doc.seed}${doc.processors === 2 ? ', two processors for each host' : ''}: ${many(doc.findings.length, 'cause')} found`,
    ),
  ];
  let last = '';
  for (const f of doc.findings) {
    const at = `${f.design} on ${f.workload}`;
    if (at !== last) out.push(pc.bold(at));
    last = at;
    out.push(
      `  ${f.property} (${f.harm}; ${threatText(f)}) in ${many(f.steps, 'step')}${shortestText(f.shortest)}${f.minimal ? '' : ', perhaps not the least'}: ${f.text}`,
      `    ${f.token}`,
    );
  }
  out.push(
    `${many(doc.runs, 'run')}, ${many(doc.steps, 'step')}; ${coverage.cells} of ${coverage.of} cells (design × workload), ${coverage.exercised} cells × properties that a run could have refuted, ${coverage.pairs} pairs of (step, state of the references).`,
  );
  const [first] = doc.findings;
  if (first !== undefined) out.push(`For one:\n  ${replayHint(first.token, candidates)}`);
  return out.join('\n');
}

function shortestText(shortest: number | null | undefined): string {
  if (shortest === undefined) return '';
  return shortest === null
    ? ' (exhaustive search: not within its bound)'
    : ` (the shortest of all: ${shortest})`;
}
