// One finding for each design: what a reader of a short page should see.
import { HARMS } from '@lastref/judge';
import type { CompareDocument, FindingRow } from '../document.ts';

export interface Gravest {
  readonly design: string;
  readonly workload: string;
  readonly finding: FindingRow;
}

/** By design, the gravest harm at its earliest step. */
export function gravest({ designs, rows }: CompareDocument): Gravest[] {
  return designs.flatMap(({ id }) => {
    const all = rows
      .filter((r) => r.design === id)
      .flatMap((r) => r.findings.map((finding) => ({ design: id, workload: r.workload, finding })))
      .sort(
        (a, b) =>
          HARMS.indexOf(b.finding.harm) - HARMS.indexOf(a.finding.harm) ||
          a.finding.step - b.finding.step,
      );
    return all.slice(0, 1);
  });
}
