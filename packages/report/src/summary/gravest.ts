// One finding for each design: what a reader of a short page should see.
import type { CompareDocument, FindingRow } from '../document.ts';
import { byGravity } from '../vocabulary.ts';

export interface Gravest {
  readonly design: string;
  readonly workload: string;
  readonly finding: FindingRow;
}

/** By design, the gravest finding at its earliest step. */
export function gravest({ designs, rows }: CompareDocument): Gravest[] {
  return designs.flatMap(({ id }) => {
    const all = rows
      .filter((r) => r.design === id)
      .flatMap((r) => r.findings.map((finding) => ({ design: id, workload: r.workload, finding })))
      .sort((a, b) => byGravity(a.finding, b.finding) || a.finding.step - b.finding.step);
    return all.slice(0, 1);
  });
}
