// The matrix of operations for a terminal.
import Table from 'cli-table3';
import type { MatrixCellRow, MatrixRow, MoversDocument } from './document.ts';
import { letterBlocks, numbered, type LetterRow } from './letters.ts';
import { PLAIN, UNPAINTED, painted, type Paint } from './tables.ts';
import { besideLetters } from './verdicts.ts';
import { AS_CONTROL, BESIDE_WORDS, MATRIX_WORDS, legendLines, wordOf } from './vocabulary.ts';

/**
 * One cell in one word: the verdict; of a refuted one what the operation adds to a packet in flight, with its harm, or
 * that it adds nothing.
 */
export function matrixWord({ verdict, property, adds, harm }: MatrixCellRow): string {
  if (verdict !== 'refuted') return verdict;
  const [worst] = adds;
  if (worst === undefined) return AS_CONTROL;
  return wordOf({ property: worst, harm: worst === property ? harm : null });
}

/** As it stands in a table: in brackets where no packet of what the design was made for comes. */
export function matrixShown(cell: MatrixCellRow, word = matrixWord(cell)): string {
  return cell.outside === true && cell.verdict !== 'n/a' ? `(${word})` : word;
}

export const MATRIX_OUTSIDE =
  '(…)            no packet of what the design was made for comes there';

export const MATRIX_LEGEND = [
  MATRIX_OUTSIDE,
  ...legendLines(MATRIX_WORDS, (w) => w.word),
  ...BESIDE_WORDS.map(
    (w) => `word ${w.letter.padEnd(9)} ${w.word}, where the control is not: ${w.legend}`,
  ),
].join('\n');

/** Letters of what stands beside the word and that the control of the same design and kernel has not got. */
export function addedLetters({ rows }: MoversDocument, row: MatrixRow, design: string): string {
  const control = rows.find((r) => r.mover === 'control' && r.era === row.era)?.cells[design];
  const known = control === undefined ? '' : besideLetters(control);
  return besideLetters(row.cells[design]!)
    .split('')
    .filter((letter) => !known.includes(letter))
    .join('');
}

/** Each operation in the newest kernel that has it, in the order of the registry. */
export function headRows({ rows }: MoversDocument): MatrixRow[] {
  const heads = new Map<string, MatrixRow>();
  for (const row of rows) {
    const there = Object.values(row.cells).some((cell) => cell.verdict !== 'n/a');
    const known = heads.get(row.mover);
    if (known === undefined || (there && isAbsent(known))) heads.set(row.mover, row);
  }
  return [...heads.values()];
}

function isAbsent(row: MatrixRow): boolean {
  return Object.values(row.cells).every((cell) => cell.verdict === 'n/a');
}

/** What a row is called: with its kernel, where that is not the newest. */
export function rowName(doc: MoversDocument, row: MatrixRow): string {
  return row.era === doc.eras[0] ? row.mover : `${row.mover} in ${row.era}`;
}

/** Operations down, designs across, below it the legend; letters, where words are too wide. */
export function matrixTable(doc: MoversDocument, paint: Paint, width = Infinity): string {
  const wide = matrixWords(doc, UNPAINTED)
    .split('\n')
    .some((line) => line.length > width);
  if (!wide) return `${matrixWords(doc, paint)}\n${MATRIX_LEGEND}`;
  const name = Math.max(...headRows(doc).map((r) => rowName(doc, r).length)) + 2;
  return [
    ...letterBlocks(matrixLetters(doc), doc.designs.length, { columns: width, name }).slice(1),
    '',
    ...numbered(doc.designs, width),
    '',
    ...legendLines(MATRIX_WORDS, (w) => w.letter, width),
    MATRIX_OUTSIDE.replace(/ {2,}/, ' '),
  ].join('\n');
}

const MATRIX_LETTERS = new Map(MATRIX_WORDS.map((w) => [w.word, w.letter]));

/** Operations down, designs across. */
function matrixLetters(doc: MoversDocument): LetterRow[] {
  return headRows(doc).map((row) => ({
    name: rowName(doc, row),
    letters: doc.designs.map((d) => {
      const cell = row.cells[d]!;
      const shown = matrixShown(cell, MATRIX_LETTERS.get(matrixWord(cell)) ?? '?');
      return shown.length === 1 ? ` ${shown} ` : shown;
    }),
  }));
}

function matrixWords(doc: MoversDocument, paint: Paint): string {
  const table = new Table({
    head: ['', ...doc.designs.map((d) => d.replace(/-/g, '\n'))],
    ...PLAIN,
    style: { ...PLAIN.style, 'padding-left': 0, 'padding-right': 1 },
  });
  for (const row of headRows(doc))
    table.push([rowName(doc, row), ...doc.designs.map((d) => colour(doc, row, d, paint))]);
  table.push([
    'hold stretched by',
    ...doc.designs.map((d) =>
      doc.stretchedBy[d]!.map((p) => p.replace('slow reader', 'reader')).join('\n'),
    ),
  ]);
  return table.toString();
}

/** The word of one operation under one design through the kernels, where it is not the same in all that have it. */
export interface Difference {
  readonly mover: string;
  readonly design: string;
  /** The oldest first: from this kernel on, this word. */
  readonly spans: readonly { readonly from: string; readonly word: string }[];
}

export function differences({ rows, designs }: MoversDocument): Difference[] {
  const byMover = new Map<string, MatrixRow[]>();
  for (const row of rows) byMover.set(row.mover, [row, ...(byMover.get(row.mover) ?? [])]);
  return [...byMover].flatMap(([mover, oldestFirst]) =>
    designs.flatMap((design) => {
      const spans: { from: string; word: string }[] = [];
      for (const { era, cells } of oldestFirst) {
        const word = matrixWord(cells[design]!);
        if (word !== 'n/a' && word !== spans.at(-1)?.word) spans.push({ from: era, word });
      }
      return spans.length > 1 ? [{ mover, design, spans }] : [];
    }),
  );
}

/** 'skb_shift: rusty proven, from 3.8 on early', those that are alike in one line. */
export function differenceLines(doc: MoversDocument): string[] {
  const lines = new Map<string, string[]>();
  for (const { mover, design, spans } of differences(doc)) {
    const [first, ...later] = spans;
    const words = [first!.word, ...later.map((s) => `from ${s.from} on ${s.word}`)].join(', ');
    const key = `${mover}: ${words}`;
    lines.set(key, [...(lines.get(key) ?? []), design]);
  }
  return [...lines].map(([key, of]) => `${key} (${of.join(', ')})`);
}

function colour(doc: MoversDocument, row: MatrixRow, design: string, paint: Paint): string {
  const cell = row.cells[design]!;
  const beside = addedLetters(doc, row, design);
  const word = painted(matrixWord(cell), paint);
  return matrixShown(cell, beside === '' ? word : `${word} ${beside}`);
}
