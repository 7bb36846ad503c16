// The matrix of operations for a terminal.
import Table from 'cli-table3';
import type { MatrixCellRow, MatrixRow, MoversDocument } from './document.ts';
import { PLAIN, painted, type Paint } from './tables.ts';
import { MATRIX_WORDS, legendLines, wordOf } from './vocabulary.ts';

/** One cell in one word: the verdict, or what was refuted with its harm. */
export function matrixWord(cell: MatrixCellRow): string {
  if (cell.verdict !== 'refuted') return cell.verdict;
  return wordOf({ property: cell.property!, harm: cell.harm });
}

export const MATRIX_LEGEND = legendLines(MATRIX_WORDS, (w) => w.word).join('\n');

/** Operations down, designs across. */
export function matrixTable(doc: MoversDocument, paint: Paint): string {
  const table = new Table({
    head: ['', ...doc.designs.map((d) => d.replace(/-/g, '\n'))],
    ...PLAIN,
    style: { ...PLAIN.style, 'padding-left': 0, 'padding-right': 1 },
  });
  const line = (row: MatrixRow): void => {
    table.push([row.mover, ...doc.designs.map((d) => colour(row.cells[d]!, paint))]);
  };
  doc.rows.forEach(line);
  line(doc.unconverted);
  table.push([
    'hold stretched by',
    ...doc.designs.map((d) =>
      doc.stretchedBy[d]!.map((p) => p.replace('slow reader', 'reader')).join('\n'),
    ),
  ]);
  return table.toString();
}

function colour(cell: MatrixCellRow, paint: Paint): string {
  return painted(matrixWord(cell), paint);
}
