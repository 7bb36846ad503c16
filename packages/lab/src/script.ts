// The script language: one operation a line, its name and whole numbers. Both arms read the same lines; what an
// operation's numbers mean stands with the operation (operations/, guest/lastref_lab.c).

/**
 * Which lender's pages a script moves: bare references, MSG_ZEROCOPY's, pages that SKBFL_SHARED_FRAG marks, or pages of
 * a page pool (from 6.8 on; before that they are plain ones).
 */
export const SEAMS = ['plain', 'zc', 'marker', 'pool'] as const;
export type Seam = (typeof SEAMS)[number];

export interface Line {
  readonly op: string;
  readonly args: readonly number[];
}

export interface Script {
  /** Unique in a file: what a report calls it. */
  readonly id: string;
  readonly seam: Seam;
  readonly lines: readonly Line[];
}

export function lineText({ op, args }: Line): string {
  return [op, ...args].join(' ');
}

/** `# id seam`, then its lines: what the guest reads. */
export function scriptText({ id, seam, lines }: Script): string {
  return `# ${id} ${seam}\n${lines.map((l) => `${lineText(l)}\n`).join('')}`;
}

export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** Reads what `scriptText` writes. Throws ScriptError with the number of the line. */
export function parseScripts(text: string): Script[] {
  const scripts: { id: string; seam: Seam; lines: Line[] }[] = [];
  text.split('\n').forEach((line, i) => {
    if (line === '') return;
    const words = line.split(' ');
    if (words[0] === '#') {
      const [, id, seam] = words;
      if (id === undefined || !isSeam(seam))
        throw new ScriptError(`line ${i + 1}: '# id seam' is wanted, with ${SEAMS.join(', ')}`);
      scripts.push({ id, seam, lines: [] });
      return;
    }
    scripts.at(-1)?.lines.push(parseLine(line));
  });
  return scripts;
}

export function parseLine(line: string): Line {
  const [op = '', ...numbers] = line.split(' ');
  const args = numbers.map(Number);
  if (args.some((n) => !Number.isInteger(n)))
    throw new ScriptError(`'${line}': whole numbers are wanted behind the name`);
  return { op, args };
}

function isSeam(word: string | undefined): word is Seam {
  return SEAMS.some((seam) => seam === word);
}
