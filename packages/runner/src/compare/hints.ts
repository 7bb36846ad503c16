// What stands below a comparison for who wrote one of its designs: what one run does not show.
import type { CompareDocument } from '@lastref/report';
import { firstHeld } from '@lastref/report/text/compare';
import { isRuntime } from '../candidates/runtime.ts';
import { isCapture } from '../captures.ts';
import type { DesignFile } from '../registry.ts';
import { bringing, hint } from '../typed/index.ts';

/** Nobody counts what a design does with what it keeps itself: where that is no design of ours, nobody has read it either. */
export function priceHint({ rows }: CompareDocument, candidates: readonly DesignFile[]): string[] {
  const counted = candidates.filter(({ design: { id, over } }) => {
    const theirs = rows.filter((row) => row.design === id);
    return over === undefined && theirs.some(({ costs }) => costs.lent.segments > 0);
  });
  if (counted.length === 0) return [];
  const of = counted.length === 1 ? counted[0]!.design.id : 'a candidate';
  return ['', `What ${of} keeps and counts itself costs here what its code says (docs/seam.md).`];
}

/** For who wrote one of `files` and sees that nothing was found: one run is no proof, and what would be one. */
export function checkHint(
  doc: CompareDocument,
  files: readonly DesignFile[],
  flags: { readonly with: readonly string[]; readonly trust?: true | undefined },
): string[] {
  const ids = files.map((f) => f.design.id);
  const row = firstHeld(doc, ids, (workload) => !isCapture(workload));
  if (row === undefined) return [];
  const { design } = files.find((f) => f.design.id === row.design)!;
  // the subtler bugs of programs take two requests
  const on = isRuntime(design) ? `${row.workload}~2` : row.workload;
  return [
    '',
    'Each cell is one run, and nothing found is no proof. Every order of its steps:',
    `  ${hint('check', design.id, on, ...bringing(flags.with, flags.trust))}`,
  ];
}
