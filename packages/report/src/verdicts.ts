// One cell of a comparison in one word.
import { HARMS, IN_THE_WORD, PROPERTIES, byGravity, cardOf, type Harm } from '@lastref/judge';
import type { CompareRow, FindingRow } from './document.ts';
import { wordOf } from './vocabulary.ts';

/** What a word follows from: a cell of a comparison, or of the stories. */
export type Worded = Pick<CompareRow, 'state' | 'domain' | 'verdicts'> & {
  readonly findings: readonly Pick<FindingRow, 'property' | 'harm'>[];
};

/** The worst harm among findings of a property, or null. */
export function worstHarm(findings: readonly Pick<FindingRow, 'harm'>[]): Harm | null {
  let worst = -1;
  for (const f of findings) worst = Math.max(worst, HARMS.indexOf(f.harm));
  return HARMS[worst] ?? null;
}

/**
 * What a reader should know first: the gravest thing that was found, or 'holds'; 'copied' where the stack had private
 * copies alone, '-' where nothing was lent, 'n/a' where the kernel cannot play it, 'not judged' where the input does not
 * show it.
 */
export function headline(row: Omit<Worded, 'domain'>): string {
  if (row.state === 'n/a') return 'n/a';
  const property = IN_THE_WORD.find((p) => row.verdicts[p] === 'refuted');
  if (property !== undefined) {
    const harm = worstHarm(row.findings.filter((f) => f.property === property));
    return wordOf({ property, harm });
  }
  if (PROPERTIES.some((p) => row.verdicts[p] === 'not-judged')) return 'not judged';
  if (PROPERTIES.every((p) => row.verdicts[p] === 'not-exercised')) return '-';
  return row.state === 'copied' ? 'copied' : 'holds';
}

/** Does the row show a run in which nothing was found? */
export function isClean(row: CompareRow): boolean {
  return ['holds', 'copied'].includes(headline(row));
}

/** Letters of what stands beside the word: 'u' where a program can put off the telling for ever, … */
export function besideLetters(row: Pick<CompareRow, 'verdicts'>): string {
  return PROPERTIES.filter((p) => !IN_THE_WORD.includes(p) && row.verdicts[p] === 'refuted')
    .map((p) => cardOf(p).letter)
    .join('');
}

/** What a cell shows: the headline, what stands beside it as letters, all in brackets outside of what the design was made for. */
export function cellWord(row: Worded, word = headline(row)): string {
  const beside = besideLetters(row);
  const shown = beside === '' ? word : `${word} ${beside}`;
  return row.domain ? shown : `(${shown})`;
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

/** Findings of properties that stand in the word. */
export function faultsOf({ findings }: CompareRow): FindingRow[] {
  return findings.filter((f) => IN_THE_WORD.includes(f.property));
}

/** The finding most worth looking at: in its domain, of a design that was proposed, the gravest, the shortest first. */
export function mostWorthLooking(
  rows: readonly CompareRow[],
  proposed: ReadonlySet<string>,
): { row: CompareRow; finding: FindingRow } | null {
  const all = rows.flatMap((row) => faultsOf(row).map((finding) => ({ row, finding })));
  const [best] = all.sort(
    (a, b) =>
      Number(b.row.domain) - Number(a.row.domain) ||
      Number(proposed.has(b.row.design)) - Number(proposed.has(a.row.design)) ||
      byGravity(a.finding, b.finding) ||
      a.finding.step - b.finding.step,
  );
  return best ?? null;
}
