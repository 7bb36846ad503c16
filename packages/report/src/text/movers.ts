// The matrix of operations for a terminal, and what to look at first.
import type { MoversDocument } from '../document.ts';
import { differenceLines, headRows, matrixTable } from '../matrix.ts';
import { gravestOf } from '../vocabulary.ts';
import type { Paint } from '../tables.ts';
import { many, type Replay } from '../words.ts';

export interface MoversTold {
  /** Columns of the terminal. */
  readonly width: number;
  /** The candidates, whose refutations a reader wants to see first. */
  readonly own: ReadonlySet<string>;
  readonly replay: Replay;
}

/** The matrix, where kernels differ, and one finding to begin with. */
export function moversText(
  doc: MoversDocument,
  paint: Paint,
  { width, own, replay }: MoversTold,
): string {
  const refuted = headRows(doc).flatMap((r) =>
    doc.designs
      .map((d) => ({ design: d, mover: r.mover, cell: r.cells[d]! }))
      .filter((c) => c.cell.token !== null && c.cell.outside !== true && c.cell.adds.length > 0),
  );
  const differ = differenceLines(doc);
  const out = [
    paint.bold(
      `Every operation that moves a fragment, under ${many(doc.designs.length, 'design')}, ${doc.eras.length === 1 ? `era ${doc.eras[0]}` : `each in the newest kernel that has it: ${doc.eras[0]} where nothing else is said`}`,
    ),
    matrixTable(doc, paint, width),
    `${doc.runs} runs: each cell rests on every order in which the holders let go, shared and as sole owner, and of two packets that become one also with one of which nothing was lent${doc.faults ? ', without a failure and with each allocation of the operation failing once' : ''}${doc.processors === 2 ? "; and with one of them letting go on a second processor, at each point of the operation and of the others' letting go" : ''}.`,
  ];
  if (differ.length > 0) out.push('', paint.bold('Where kernels differ'), ...differ);
  const first = refuted.filter((r) => own.has(r.design));
  const among = first.length > 0 ? first : refuted;
  const worst = gravestOf(among.map((r) => r.cell.adds[0]!));
  const shown = among.find((r) => r.cell.adds[0] === worst);
  if (shown !== undefined)
    out.push(`For one: ${shown.design} under ${shown.mover}`, `  ${replay(shown.cell.token!)}`);
  return `${out.join('\n')}\n`;
}
