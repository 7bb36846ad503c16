// A matrix too wide for words: one letter a cell, columns by number, in as many blocks as the width asks for.

/** Columns of a cell: the letter, and room for brackets. */
const CELL = 3;

export interface LetterRow {
  readonly name: string;
  /** One for each column. */
  readonly letters: readonly string[];
}

export interface LetterLooks {
  readonly columns: number;
  /** Columns of the names at the left; a longer name has a line of its own. */
  readonly name: number;
}

/** Blocks of rows, each under the numbers of its columns. */
export function letterBlocks(
  rows: readonly LetterRow[],
  of: number,
  { columns, name }: LetterLooks,
): string[] {
  const lines: string[] = [];
  const each = Math.max(1, Math.floor((columns - name) / CELL));
  for (let from = 0; from < of; from += each) {
    const to = Math.min(of, from + each);
    const numbers = Array.from({ length: to - from }, (_, i) => String(from + i + 1).padStart(2));
    lines.push('', `${' '.repeat(name)}${numbers.map((n) => `${n} `).join('')}`);
    for (const row of rows)
      lines.push(`${named(row.name, name)}${row.letters.slice(from, to).join('')}`);
  }
  return lines;
}

/** What a line begins with. */
export function named(text: string, width: number): string {
  return text.length < width ? text.padEnd(width) : `${text}\n${' '.repeat(width)}`;
}

/** '1 nfs-odirect  2 nfs-tcp-retransmit …': what the numbers stand for. */
export function numbered(names: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [i, name] of names.entries()) {
    const entry = `${i + 1} ${name}`;
    if (line !== '' && line.length + 2 + entry.length > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? entry : `${line}  ${entry}`;
  }
  return line === '' ? lines : [...lines, line];
}
