// One cell of a comparison in one word.
import { HARMS, IN_THE_WORD, PROPERTIES, type Harm } from '@lastref/judge';
import type { CompareRow, FindingRow } from './document.ts';
import { byGravity, wordOf } from './vocabulary.ts';

/** The worst harm among findings of a property, or null. */
export function worstHarm(findings: readonly FindingRow[]): Harm | null {
  let worst = -1;
  for (const f of findings) worst = Math.max(worst, HARMS.indexOf(f.harm));
  return HARMS[worst] ?? null;
}

/**
 * What a reader should know first: the gravest thing that was found, or 'holds'; '-' where nothing could be, 'not
 * judged' where the input does not show it.
 */
export function headline(row: CompareRow): string {
  const property = IN_THE_WORD.find((p) => row.verdicts[p] === 'refuted');
  if (property !== undefined) {
    const harm = worstHarm(row.findings.filter((f) => f.property === property));
    return wordOf({ property, harm });
  }
  if (PROPERTIES.some((p) => row.verdicts[p] === 'not-judged')) return 'not judged';
  return PROPERTIES.every((p) => row.verdicts[p] === 'not-exercised') ? '-' : 'holds';
}

/** What a cell shows: the headline, in brackets outside of what the design was made for. */
export function cellWord(row: CompareRow, word = headline(row)): string {
  return row.domain ? word : `(${word})`;
}

/** All refuted properties with their worst harm, the gravest first: 'corrupt (delivered), early'. */
export function refutations(row: CompareRow): string {
  const parts: string[] = [];
  for (const property of PROPERTIES) {
    if (row.verdicts[property] !== 'refuted') continue;
    const harm = worstHarm(row.findings.filter((f) => f.property === property));
    parts.push(harm === null || harm === 'hazard' ? property : `${property} (${harm})`);
  }
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** The finding most worth looking at: in its domain, of a design that was proposed, the gravest, the shortest first. */
export function mostWorthLooking(
  rows: readonly CompareRow[],
  proposed: ReadonlySet<string>,
): { row: CompareRow; finding: FindingRow } | null {
  const all = rows.flatMap((row) => row.findings.map((finding) => ({ row, finding })));
  const [best] = all.sort(
    (a, b) =>
      Number(b.row.domain) - Number(a.row.domain) ||
      Number(proposed.has(b.row.design)) - Number(proposed.has(a.row.design)) ||
      byGravity(a.finding, b.finding) ||
      a.finding.step - b.finding.step,
  );
  return best ?? null;
}
