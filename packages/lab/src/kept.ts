// Kept answers: what running kernels said to a fixed file of scripts, small enough for the repository, so that the
// model is checked against them in seconds and without a guest. Of each step only the lines that it changed are kept;
// of a kernel beside the first, only the steps at which it said something else.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { KeptAnswers } from './check.ts';
import { SKIP } from './desk.ts';
import type { Answer, Step } from './play.ts';
import { SEAMS, ScriptError, lineText, parseLine } from './script.ts';

const FORMAT = 'lastref-lab-kept/1';
export const ANSWERS = fileURLToPath(new URL('../answers', import.meta.url));

/** The key of a line of state: the slot, or refs. */
function keyOf(line: string): string {
  return line.slice(1, line.indexOf(' ', 1));
}

/** A step as its line and what changed: lines of state, and `-sN` for a slot that is empty now. */
function encodeSteps({ steps, end }: Answer): string[][] {
  let before = new Map<string, string>();
  const encode = (head: string, state: readonly string[]): string[] => {
    const now = new Map(state.map((line) => [keyOf(line), line]));
    const out = [head];
    for (const key of before.keys()) if (!now.has(key)) out.push(`-${key}`);
    for (const [key, line] of now) if (before.get(key) !== line) out.push(line);
    before = now;
    return out;
  };
  const parts = steps.map(({ line, result, state }) => {
    const head = lineText(line);
    return result === SKIP ? [`${head} = skip`] : encode(`${head} = ${result}`, state);
  });
  return [...parts, encode('end', end)];
}

function decodeSteps(
  id: string,
  seam: Answer['seam'],
  parts: readonly (readonly string[])[],
): Answer {
  const now = new Map<string, string>();
  const apply = (changes: readonly string[]): string[] => {
    for (const change of changes) {
      if (change.startsWith('-')) now.delete(change.slice(1));
      else now.set(keyOf(change), change);
    }
    return [...now.entries()].sort(([a], [b]) => order(a) - order(b)).map(([, line]) => line);
  };
  const steps: Step[] = [];
  let end: string[] = [];
  for (const [head = '', ...changes] of parts) {
    if (head === 'end') {
      end = apply(changes);
      continue;
    }
    const [what = '', result = ''] = head.split(' = ');
    const line = parseLine(what);
    if (result === 'skip') steps.push({ line, result: SKIP, state: [] });
    else steps.push({ line, result: Number(result), state: apply(changes) });
  }
  return { id, seam, steps, end };
}

/** Slots by number, then packets of a datagram that is put together, refs behind them. */
function order(key: string): number {
  if (key === 'refs') return 1000;
  return Number(key.slice(1)) + (key.startsWith('q') ? 100 : 0);
}

/** Writes a file for each kernel in place of what is in `dir`; all have answered the same scripts. */
export function keepAnswers(dir: string, kernels: readonly KeptAnswers[]): string[] {
  for (const file of readdirSync(dir)) if (file.endsWith('.br')) rmSync(join(dir, file));
  const [base] = kernels;
  if (base === undefined) return [];
  const first = base.answers.map(encodeSteps);
  return kernels.map((kernel) => {
    const { id, version, sha256, era, answers } = kernel;
    const out = [`# ${FORMAT}`, `# ${[id, sha256, era, version].join(' ')}`];
    answers.forEach((answer, n) => {
      const parts = encodeSteps(answer);
      const whole = kernel === base;
      const lines = parts.flatMap((part, i) => {
        if (whole) return part;
        return part.join('\n') === first[n]![i]!.join('\n') ? [] : [`@${i}`, ...part];
      });
      out.push(`# ${answer.id} ${answer.seam}`, ...lines);
    });
    const file = `${kernel === base ? '0' : '1'}-${/Debian (\S+)/.exec(version)?.[1] ?? id}-${sha256.slice(0, 12)}.br`;
    const bytes = brotliCompressSync(`${out.join('\n')}\n`, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
    });
    writeFileSync(join(dir, file), bytes);
    return file;
  });
}

/** All of them. Throws ScriptError where a file is none of `keepAnswers`. */
export function keptAnswers(dir = ANSWERS): KeptAnswers[] {
  let first: string[][][] | null = null;
  return readdirSync(dir)
    .filter((file) => file.endsWith('.br'))
    .sort()
    .map((file) => {
      const text = brotliDecompressSync(readFileSync(join(dir, file))).toString('utf8');
      const [format, kernel = '', ...lines] = text.trimEnd().split('\n');
      if (format !== `# ${FORMAT}`) throw new ScriptError(`${file}: '# ${FORMAT}' is wanted first`);
      const [, id = '', sha256 = '', era = '', ...version] = kernel.split(' ');
      const sequences = sequencesOf(lines);
      const parts = sequences.map((s, n) =>
        first === null ? partsOf(s.lines) : patched(first[n]!, s.lines),
      );
      first ??= parts;
      const answers = sequences.map((s, n) => decodeSteps(s.id, s.seam, parts[n]!));
      return { id, sha256, era, version: version.join(' '), answers };
    });
}

interface Sequence {
  readonly id: string;
  readonly seam: Answer['seam'];
  readonly lines: string[];
}

function sequencesOf(lines: readonly string[]): Sequence[] {
  const out: Sequence[] = [];
  for (const line of lines) {
    if (!line.startsWith('# ')) {
      out.at(-1)?.lines.push(line);
      continue;
    }
    const [, id = '', word] = line.split(' ');
    const seam = SEAMS.find((s) => s === word);
    if (seam === undefined) throw new ScriptError(`'${line}': no seam of that name`);
    out.push({ id, seam, lines: [] });
  }
  return out;
}

/** A part begins with an operation or with 'end'. */
function partsOf(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (const line of lines) {
    if (line.startsWith(' ') || line.startsWith('-') || line.startsWith('!'))
      parts.at(-1)!.push(line);
    else parts.push([line]);
  }
  return parts;
}

function patched(base: readonly string[][], lines: readonly string[]): string[][] {
  const parts = [...base];
  let at = -1;
  for (const line of lines) {
    if (line.startsWith('@')) {
      at = Number(line.slice(1));
      parts[at] = [];
    } else {
      parts[at]!.push(line);
    }
  }
  return parts;
}
