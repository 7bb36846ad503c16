// What several tests look at and what takes long to make: the comparison, a matrix, the mutants, what is said of a
// candidate. Each is made once for each digest of all that it depends on, and kept outside the repository.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { lastref, spawned, type Ran } from '../run-cli.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Kept for so many states of the sources; the oldest go. */
const STATES_MAX = 8;
/** Whoever finds that another makes the same waits so long at most: it may have been killed. */
const WAIT_MS = 600_000;
/** The exit code of a command that met a full disk, too little memory, a bug of ours. */
const COULD_NOT = 3;

/** Where references are kept: $LASTREF_CACHE, or a folder of the user's caches. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return (
    env['LASTREF_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lastref')
  );
}

/** Files that the result of a command depends on: sources, data, versions of what is installed. */
export function inputsOf(root: string): string[] {
  const skipped = /(^|\/)(node_modules|dist|test|results|docs)(\/|$)|\.(test|config)\.ts$/;
  const walk = (dir: string): string[] =>
    readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
      const path = dir === '' ? entry.name : `${dir}/${entry.name}`;
      if (skipped.test(path)) return [];
      return entry.isDirectory() ? walk(path) : [path];
    });
  return [...['packages', 'strategies', 'harness'].flatMap(walk), 'pnpm-lock.yaml'].sort();
}

/** A digest of the contents and names of all inputs, and of the version of Node. */
export function digestOfInputs(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const path of inputsOf(root)) {
    const bytes = readFileSync(join(root, path));
    hash.update(`\0${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 24);
}

let ours: string | undefined;

/** The sources stay as they are while tests run: theirs is found out once in a process. */
function stateOf(root: string): string {
  return root === ROOT ? (ours ??= digestOfInputs(root)) : digestOfInputs(root);
}

export interface Kept {
  readonly root: string;
  readonly dir: string;
  readonly make: (...args: string[]) => string;
}

/** The text that `make` gives for `args`, made at most once for each state of the inputs. */
export function kept({ root, dir, make }: Kept, ...args: string[]): string {
  const state = join(dir, stateOf(root));
  const name = createHash('sha256').update(args.join('\0')).digest('hex').slice(0, 16);
  const file = join(state, `${name}.txt`);
  mkdirSync(state, { recursive: true });
  const lock = `${file}.lock`;
  const began = Date.now();
  while (!existsSync(file)) {
    if (takes(lock)) {
      try {
        const text = make(...args);
        writeFileSync(`${file}.part`, text);
        renameSync(`${file}.part`, file);
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
      forgetOld(dir);
    } else if (Date.now() - began > WAIT_MS) {
      rmSync(lock, { recursive: true, force: true });
    } else {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  return readFileSync(file, 'utf8');
}

/** The value that `make` comes to, made once for each state of the inputs. For one test file each: nobody waits for another. */
export async function keptValue<T>(
  { root, dir }: Omit<Kept, 'make'>,
  name: string,
  make: () => Promise<T>,
): Promise<T> {
  const state = join(dir, stateOf(root));
  const file = join(state, `${createHash('sha256').update(name).digest('hex').slice(0, 16)}.v8`);
  if (existsSync(file)) return deserialize(readFileSync(file)) as T;
  const value = await make();
  mkdirSync(state, { recursive: true });
  writeFileSync(`${file}.part`, serialize(value));
  renameSync(`${file}.part`, file);
  forgetOld(dir);
  return value;
}

/** As `keptValue`, of the sources as they are. */
export function made<T>(name: string, make: () => Promise<T>): Promise<T> {
  return keptValue({ root: ROOT, dir: join(cacheDir(), 'reference') }, name, make);
}

/** A directory is made by one alone. */
function takes(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function forgetOld(dir: string): void {
  const states = readdirSync(dir)
    .map((name) => join(dir, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of states.slice(STATES_MAX)) rmSync(old, { recursive: true, force: true });
}

/** Stands for the directory of a test, which is another one each time. */
const PLACE = '<the directory>';

/** What a command came to: what it said, and the files that it wrote. */
interface Came {
  readonly ran: Ran;
  readonly written: readonly (readonly [file: string, text: string])[];
}

/** No answer that is kept. */
class NoAnswer extends Error {
  readonly ran: Ran;

  constructor(ran: Ran) {
    super(ran.stderr);
    this.ran = ran;
  }
}

function filesIn(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  return new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
}

/** A list of names may be longer than that of any file. */
function isFile(arg: string): boolean {
  try {
    return statSync(arg).isFile();
  } catch {
    return false;
  }
}

/**
 * What `ask` says to a command that reads no files but the repository's, those of `dir` and those that `args` name, and
 * writes texts into `dir` alone; asked once for each state of all of them, then said and written again. What it could not
 * do is no answer, and not kept.
 */
export function said(dir: string | null, ask: (...args: string[]) => Ran, ...args: string[]): Ran {
  const general = (text: string): string => (dir === null ? text : text.replaceAll(dir, PLACE));
  const before = dir === null ? new Map<string, string>() : filesIn(dir);
  const named = args.filter(isFile);
  const read = [...before, ...named.map((file) => [file, readFileSync(file, 'latin1')] as const)];
  const make = (): string => {
    const ran = ask(...args);
    if (ran.code === null || ran.code === COULD_NOT) throw new NoAnswer(ran);
    const after = dir === null ? [] : [...filesIn(dir)];
    const written = after.filter(([file, text]) => before.get(file) !== text);
    return general(JSON.stringify({ ran, written } satisfies Came));
  };
  try {
    const words = ['said', ...args, ...read.flat()].map(general);
    const text = kept({ root: ROOT, dir: join(cacheDir(), 'reference'), make }, ...words);
    const { ran, written } = JSON.parse(dir === null ? text : text.replaceAll(PLACE, dir)) as Came;
    for (const [file, content] of written) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    return ran;
  } catch (error) {
    if (error instanceof NoAnswer) return error.ran;
    throw error;
  }
}

/** What `lastref ARGS` says that reads nothing but the repository's files and writes none. */
export function answered(...args: string[]): Ran {
  return said(null, lastref, ...args);
}

/** What `lastref ARGS` prints on stdout, from the sources as they are. */
export function printed(...args: string[]): string {
  const make = (...words: string[]): string => {
    const { code, stdout, stderr } = spawned(...words);
    if (code !== 0) throw new Error(`lastref ${words.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };
  return kept({ root: ROOT, dir: join(cacheDir(), 'reference'), make }, ...args);
}
