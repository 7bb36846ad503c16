// One cell of a comparison in one word.
import { HARMS, PROPERTIES, type Harm } from '@lastref/judge';
import type { CompareRow, FindingRow } from './document.ts';

/** The worst harm among findings of a property, or null. */
export function worstHarm(findings: readonly FindingRow[]): Harm | null {
  let worst = -1;
  for (const f of findings) worst = Math.max(worst, HARMS.indexOf(f.harm));
  return HARMS[worst] ?? null;
}

/**
 * What a reader should know first: 'holds', or the gravest thing that was found. Changed bytes that reached
 * somebody come before a loan that never came back, and that before a completion that was merely too early.
 */
export function headline(row: CompareRow): string {
  const corrupt = worstHarm(row.findings.filter((f) => f.property === 'corrupt'));
  if (corrupt !== null) return corrupt;
  for (const property of [
    'lost',
    'double',
    'stray',
    'context',
    'unmarked',
    'dishonest',
    'early',
  ] as const) {
    if (row.verdicts[property] === 'refuted') return property;
  }
  return PROPERTIES.every((p) => row.verdicts[p] === 'not-exercised') ? '-' : 'holds';
}

/** All refuted properties with their worst harm: 'early, corrupt (delivered)'. */
export function refutations(row: CompareRow): string {
  const parts: string[] = [];
  for (const property of PROPERTIES) {
    if (row.verdicts[property] !== 'refuted') continue;
    const harm = worstHarm(row.findings.filter((f) => f.property === property));
    parts.push(harm === null || harm === 'hazard' ? property : `${property} (${harm})`);
  }
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** The finding that is most worth looking at: the gravest harm, by a design that was proposed, shortest first. */
export function mostWorthLooking(
  rows: readonly CompareRow[],
  proposed: ReadonlySet<string>,
): { row: CompareRow; finding: FindingRow } | null {
  let best: { row: CompareRow; finding: FindingRow } | null = null;
  let rank = -1;
  for (const row of rows) {
    for (const finding of row.findings) {
      const r = (proposed.has(row.design) ? 10 : 0) + HARMS.indexOf(finding.harm);
      if (r > rank || (r === rank && best !== null && finding.step < best.finding.step)) {
        best = { row, finding };
        rank = r;
      }
    }
  }
  return best;
}
