// Which machine and which design made a token or a journal: digests of what they are written in, with comments and
// indentation left out. The sources lie beside every build, so a run from either gets the same digests.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Design } from '@lastref/kernel';

const PACKAGES = fileURLToPath(new URL('../../../packages/', import.meta.url));

/** What decides how a token's steps come out, but for the design. */
const MACHINE = ['kernel', 'capture', 'workloads', 'operations', 'judge', 'search'];

/** Of a design whose code nobody can look at. */
export const UNKNOWN = '00000000';
const LENGTH = UNKNOWN.length;
/** Worker threads are told, so that one of them looks. */
export const MACHINE_KEY = 'lastref.machine';

/** Comments: blocks that begin a line, and what follows // behind white space, so that no URL is one. */
const COMMENT = /^\s*\/\*[^]*?\*\/|(?:^|\s)\/\/.*$/gm;

/** TypeScript without its comments, as far as a line shows them, and without indentation. */
export function codeIn(text: string): string {
  return text
    .replace(COMMENT, '')
    .replace(/\s*\n\s*/g, '\n')
    .trim();
}

/** Of files, in whatever order they come: their place does not count, what is in them does. */
export function digestOfSources(texts: readonly string[]): string {
  const codes = texts.map(codeIn).sort();
  return createHash('sha256').update(codes.join('\0')).digest('hex').slice(0, LENGTH);
}

/** The version of the machine: 8 hexadecimal digits. */
export function machineVersion(): string {
  const known = getEnvironmentData(MACHINE_KEY);
  if (typeof known === 'string') return known;
  const files = MACHINE.flatMap((name) => filesIn(join(PACKAGES, name, 'src')));
  const version = digestOfSources(files.map((file) => readFileSync(file, 'utf8')));
  setEnvironmentData(MACHINE_KEY, version);
  return version;
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** Imports of more than types. */
const IMPORTED = /^(?:import|export)\s(?!type\b)[^'";]*\bfrom\s+'(\.[^']*)'/gm;

/** `file` and the files that its code has from beside it, all the way. */
export function filesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORTED))
    filesOf(join(dirname(file), path!), seen);
  return seen;
}

export function digestOfFiles(files: Iterable<string>): string {
  return digestOfSources([...files].map((file) => readFileSync(file, 'utf8')));
}

const codes = new WeakMap<Design, () => string>();

/** Whoever brings a design says how its code is looked at, if anybody asks. */
export function bringsCode(design: Design, digest: () => string): void {
  let known: string | undefined;
  codes.set(design, () => (known ??= digest()));
}

/** The version of a design's code: 8 hexadecimal digits, or UNKNOWN. */
export function codeOf(design: Design): string {
  return codes.get(design)?.() ?? UNKNOWN;
}
