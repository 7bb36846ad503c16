// One finding for each design: what a reader of a short page should see.
import type { CompareDocument, FindingRow } from '../document.ts';
import { faultsOf } from '../verdicts.ts';
import { byGravity } from '@lastref/judge';

export interface Gravest {
  readonly design: string;
  readonly workload: string;
  readonly finding: FindingRow;
}

/** By design, the gravest finding at its earliest step; in its domain, if there is one. */
export function gravest({ designs, rows }: CompareDocument): Gravest[] {
  return designs.flatMap(({ id }) => {
    const all = rows
      .filter((r) => r.design === id)
      .flatMap((row) => {
        const { workload, domain } = row;
        return faultsOf(row).map((finding) => ({ design: id, workload, domain, finding }));
      })
      .sort(
        (a, b) =>
          Number(b.domain) - Number(a.domain) ||
          byGravity(a.finding, b.finding) ||
          a.finding.step - b.finding.step,
      );
    return all.slice(0, 1);
  });
}
