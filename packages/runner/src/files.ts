// Files are written whole or not at all, those that belong together in one go, and a directory is tried before the work
// whose result goes there. Files get their names one after the other; a record says so before the first, so that of a
// writer that is killed between two names the next one, or a reader that asks (settle), does the rest.
// Non-goal: writers that do not see each other's processes (two machines, two containers on one directory).
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CouldNot, UsageError, isSystemError, systemReason } from './errors.ts';
import { behindLinks, isOutlet, pour } from './outlet.ts';

/** A file to be written, by its name in the directory. */
export interface NewFile {
  readonly name: string;
  readonly data: string | Uint8Array;
}

export interface Writing {
  /** Nothing may be there already: UsageError then. */
  readonly anew?: true;
}

/** Makes `dir` and tries to write in it. Throws CouldNot. */
export function tryDirectory(dir: string): string {
  const probe = join(dir, temporary('try'));
  guarding(dir, () => {
    makeDirectory(dir);
    endWhatWasBegun(dir);
    sweep(dir);
    writeFileSync(probe, '');
    rmSync(probe);
  });
  return dir;
}

/** With all above it. `recursive` of Node tries for ever where a directory is there and takes none, as /proc does. */
function makeDirectory(dir: string): void {
  if (existsSync(dir) && statSync(dir).isDirectory()) return;
  if (!existsSync(dirname(dir))) makeDirectory(dirname(dir));
  try {
    mkdirSync(dir);
  } catch (error) {
    const there = statSync(dir, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) return; // somebody else has made it meanwhile
    if (there === undefined) throw error;
    throw new UsageError(`${dir}: what is there is no directory`);
  }
}

/** Makes the directory of `file` and tries to write in it. Throws CouldNot, also where `file` is a directory. */
export function tryFile(file: string): string {
  if (!guarding(file, () => isOutlet(file))) tryDirectory(dirname(behindLinks(file)));
  return file;
}

/** One file, whole, or poured where something is that may not be replaced. Throws CouldNot. */
export function writeFile(file: string, data: string | Uint8Array): void {
  if (guarding(file, () => isOutlet(file))) {
    guarding(file, () => pour(file, data));
    return;
  }
  const to = behindLinks(file);
  writeTogether(dirname(to), [{ name: basename(to), data }]);
}

/**
 * All of `files` or none: each goes to a temporary name beside its own and to the disk, then all get their names. Throws
 * CouldNot with the file and the reason, and leaves what was there as it was.
 */
export function writeTogether(
  dir: string,
  files: readonly NewFile[],
  { anew }: Writing = {},
): void {
  tryDirectory(dir);
  const moves: Move[] = [];
  try {
    for (const { name, data } of files) {
      const to = join(dir, name);
      if (isOutlet(to)) throw new CouldNot(`${to}: cannot be written: what is there is no file`);
      const from = temporary(name);
      moves.push({ from, to: name });
      guarding(to, () => toDisk(join(dir, from), data));
    }
    if (moves.length > 1) inOneGo(dir, moves, anew === true);
    else place(dir, moves, anew === true);
  } finally {
    for (const { from } of moves) rmSync(join(dir, from), { force: true });
  }
  syncDirectory(dir);
}

/** A file that gets its name, both in one directory. */
interface Move {
  readonly from: string;
  readonly to: string;
}

/** What is about to be placed, by whom: nobody else places anything beside it meanwhile. */
interface Placing {
  readonly pid: number;
  readonly anew: boolean;
  readonly moves: readonly Move[];
}

const PLACING = '.placing.lastref';
/** So long another process may take to give a few files their names. */
const PATIENCE_MS = 10_000;

/** Gives all their names, and says so before, for whoever comes after a kill. */
function inOneGo(dir: string, moves: readonly Move[], anew: boolean): void {
  const from = temporary('placing');
  const record: Placing = { pid: process.pid, anew, moves };
  guarding(dir, () => toDisk(join(dir, from), JSON.stringify(record)));
  try {
    const deadline = performance.now() + PATIENCE_MS;
    while (!claim(dir, from)) {
      if (performance.now() > deadline)
        throw new CouldNot(
          `${dir}: process ${placingIn(dir)?.pid ?? '?'} does not end writing there; when it is none of lastref, remove ${PLACING}`,
        );
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      settle(dir);
    }
    try {
      place(dir, moves, anew);
    } finally {
      rmSync(join(dir, PLACING), { force: true });
    }
  } finally {
    rmSync(join(dir, from), { force: true });
  }
}

function claim(dir: string, from: string): boolean {
  try {
    linkSync(join(dir, from), join(dir, PLACING));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return guarding(dir, () => {
      throw error;
    });
  }
}

/** Gives each its name; with `anew`, all or none. */
function place(dir: string, moves: readonly Move[], anew: boolean): void {
  const placed: string[] = [];
  try {
    for (const { from, to } of moves) {
      const name = join(dir, to);
      guarding(name, () => (anew ? linkSync : renameSync)(join(dir, from), name));
      placed.push(name);
    }
  } catch (error) {
    if (anew) for (const file of placed) rmSync(file, { force: true });
    throw error;
  }
}

/**
 * Ends what a writer had begun to place in `dir` when it was killed: files that belong together are of one run again.
 * Where that may not be done (a directory that cannot be written, or is none) nothing is.
 */
export function settle(dir: string): void {
  try {
    endWhatWasBegun(dir);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** The record is renamed first: of two that find it one ends it, and whoever finds that one killed goes on. */
function endWhatWasBegun(dir: string): void {
  const record = placingIn(dir);
  if (record !== null && isLeft(record.pid))
    try {
      renameSync(join(dir, PLACING), join(dir, temporary('settling')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  for (const { name, what } of leftIn(dir)) if (what === 'settling') finish(dir, join(dir, name));
}

/** Does what the record in `file` says, as far as it is not done. */
function finish(dir: string, file: string): void {
  const record = readRecord(file);
  for (const { from, to } of record?.moves ?? []) {
    try {
      (record!.anew ? linkSync : renameSync)(join(dir, from), join(dir, to));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EEXIST') throw error; // it was done
    }
    rmSync(join(dir, from), { force: true });
  }
  rmSync(file, { force: true });
}

function placingIn(dir: string): Placing | null {
  return readRecord(join(dir, PLACING));
}

/** null: nothing is there (any more), or nothing of ours. */
function readRecord(file: string): Placing | null {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Placing;
    const plain = ({ from, to }: Move): boolean => !/[/\\]/.test(`${from}${to}`);
    return Number.isInteger(record.pid) && record.moves.every(plain) ? record : null;
  } catch {
    return null;
  }
}

/** `.compare.json.4711.lastref`: whose it is can be told when its writer was killed. */
function temporary(name: string): string {
  return `.${name}.${process.pid}.lastref`;
}

/** Removes what writers left behind that were killed while they wrote. */
function sweep(dir: string): void {
  for (const { name } of leftIn(dir)) rmSync(join(dir, name), { force: true });
}

function leftIn(dir: string): { name: string; what: string }[] {
  return readdirSync(dir).flatMap((name) => {
    const [, what, pid] = /^\.(.+)\.(\d+)\.lastref$/.exec(name) ?? [];
    return pid !== undefined && isLeft(Number(pid)) ? [{ name, what: what! }] : [];
  });
}

/**
 * Is it of a process that was killed? So is what has this process's number before it has written: in containers each
 * begins with the same one.
 */
function isLeft(pid: number): boolean {
  return pid === process.pid || !lives(pid);
}

/** Does a process have this number? */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * A directory, or what is called `name` in it, for this process alone until it ends or gives it back. Throws CouldNot
 * while another process has it; one that was killed has it no longer.
 */
export class Owned {
  private readonly file: string;
  private static readonly all = new Set<Owned>();
  /** One for all: a process may come to own many. */
  private static readonly leave = (): void => {
    for (const owned of Owned.all) owned.giveBack();
  };

  constructor(dir: string, name: string) {
    tryDirectory(dir);
    this.file = join(dir, `.${name}.lastref`);
    const mine = join(dir, temporary(name));
    try {
      guarding(dir, () => writeFileSync(mine, String(process.pid)));
      while (!this.take(mine)) {
        const other = Number(readFileSync(this.file, 'utf8'));
        if (!isLeft(other))
          throw new CouldNot(
            `${dir}: process ${other} is at work there; wait for its end, or name another directory`,
          );
        rmSync(this.file, { force: true });
      }
    } finally {
      rmSync(mine, { force: true });
    }
    if (Owned.all.size === 0) process.once('exit', Owned.leave);
    Owned.all.add(this);
  }

  private take(mine: string): boolean {
    try {
      linkSync(mine, this.file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      return guarding(this.file, () => {
        throw error;
      });
    }
  }

  giveBack(): void {
    Owned.all.delete(this);
    if (Owned.all.size === 0) process.off('exit', Owned.leave);
    rmSync(this.file, { force: true });
  }
}

function toDisk(file: string, data: string | Uint8Array): void {
  const fd = openSync(file, 'wx', 0o666);
  try {
    writeFileSync(fd, data);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The new names reach the disk too, where a directory can be opened at all. */
function syncDirectory(dir: string): void {
  try {
    const fd = openSync(dir, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** Does `work` for `path`: whatever the system refuses is said of that. */
export function guarding<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'EEXIST' && error.syscall === 'link')
      throw new UsageError(`${path} is there already, and is left as it is`);
    throw new CouldNot(`${path}: cannot be written: ${systemReason(error)}`, { cause: error });
  }
}
