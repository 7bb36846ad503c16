// The matrix of operations for a terminal.
import Table from 'cli-table3';
import type { MatrixCellRow, MatrixRow, MoversDocument } from './document.ts';
import { PLAIN, type Paint } from './tables.ts';

/** One cell in one word: the verdict, or what was refuted with its harm. */
export function matrixWord(cell: MatrixCellRow): string {
  if (cell.verdict !== 'refuted') return cell.verdict;
  return cell.property === 'corrupt' ? cell.harm! : cell.property!;
}

export const MATRIX_LEGEND = [
  'proven     no order of releases shows a fault      copied  only private copies are left behind',
  'wire       changed bytes were read                 early   told while somebody could still read',
  'lost       never told                              n/a     the era has no such operation',
].join('\n');

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
  const word = matrixWord(cell);
  switch (cell.verdict) {
    case 'proven':
      return paint.green(word);
    case 'refuted':
      return cell.property === 'early' || cell.property === 'lost'
        ? paint.yellow(word)
        : paint.red(word);
    case 'copied':
    case 'n/a':
      return paint.dim(word);
  }
}
