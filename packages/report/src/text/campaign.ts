// A campaign's findings for a terminal.
import type { CampaignDocument } from '../document.ts';
import type { Paint } from '../tables.ts';
import { many, threatText, type Replay } from '../words.ts';

type Starved = NonNullable<CampaignDocument['starved']>[number];

/** Cause by cause, and how much was run. `replay`: the command that plays a token. */
export function campaignText(doc: CampaignDocument, paint: Paint, replay: Replay): string {
  const { coverage } = doc;
  const out = [
    paint.bold(
      `Random runs, every design in ${doc.era}, seed ${doc.seed}${doc.processors === 2 ? ', two processors for each host' : ''}: ${many(doc.findings.length, 'cause')} found`,
    ),
  ];
  let last = '';
  for (const f of doc.findings) {
    const at = `${f.design} on ${f.workload}`;
    if (at !== last) out.push(paint.bold(at));
    last = at;
    out.push(
      `  ${f.property} (${f.harm}; ${threatText(f)}) in ${many(f.steps, 'step')}${shortestText(f.shortest)}${f.minimal ? '' : ', perhaps not the least'}: ${f.text}`,
      `    ${f.token}`,
    );
  }
  out.push(
    `${many(doc.runs, 'run')}, ${many(doc.steps, 'step')}; ${coverage.cells} of ${coverage.of} cells (design × workload), ${coverage.exercised} cells × properties that a run could have refuted, ${coverage.pairs} pairs of (step, state of the references).`,
  );
  out.push(...(doc.starved ?? []).map(starvedText));
  const [first] = doc.findings;
  if (first !== undefined) out.push(`For one:\n  ${replay(first.token)}`);
  return out.join('\n');
}

function starvedText({ design, workload, runs, of }: Starved): string {
  return `${design} on ${workload}: ${runs} of ${many(of, 'run')} ended as no page frame was left, with most of them in no packet; what would have come next is not claimed.`;
}

function shortestText(shortest: number | null | undefined): string {
  if (shortest === undefined) return '';
  return shortest === null
    ? ' (exhaustive search: not within its bound)'
    : ` (the shortest of all: ${shortest})`;
}
