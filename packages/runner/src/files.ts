// Files are written whole or not at all, those that belong together in one go, and a directory is tried before the work
// whose result goes there. Non-goal: two files are renamed one after the other, so a kill between the two renames
// (no work is done there) leaves one old and one new; each of them is whole.
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CouldNot, UsageError, isSystemError, systemReason } from './errors.ts';

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
    mkdirSync(dir, { recursive: true });
    sweep(dir);
    writeFileSync(probe, '');
    rmSync(probe);
  });
  return dir;
}

/**
 * All of `files` or none: each goes to a temporary name beside its own and to the disk, then all are renamed. Throws
 * CouldNot with the file and the reason, and leaves what was there as it was.
 */
export function writeTogether(
  dir: string,
  files: readonly NewFile[],
  { anew }: Writing = {},
): void {
  tryDirectory(dir);
  const written: { readonly from: string; readonly to: string }[] = [];
  const placed: string[] = [];
  try {
    for (const { name, data } of files) {
      const to = join(dir, name);
      if (statSync(to, { throwIfNoEntry: false })?.isDirectory() === true)
        throw new CouldNot(`${to}: cannot be written: a directory is there`);
      const from = join(dir, temporary(name));
      written.push({ from, to });
      guarding(to, () => toDisk(from, data));
    }
    for (const { from, to } of written) {
      guarding(to, () => (anew === true ? linkSync(from, to) : renameSync(from, to)));
      placed.push(to);
    }
  } catch (error) {
    if (anew === true) for (const file of placed) rmSync(file, { force: true });
    throw error;
  } finally {
    for (const { from } of written) rmSync(from, { force: true });
  }
  syncDirectory(dir);
}

/** `.compare.json.4711.lastref`: whose it is can be told when its writer was killed. */
function temporary(name: string): string {
  return `.${name}.${process.pid}.lastref`;
}

/** Removes what writers left behind that were killed while they wrote. */
function sweep(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = /^\..+\.(\d+)\.lastref$/.exec(name)?.[1];
    if (pid !== undefined && !lives(Number(pid))) rmSync(join(dir, name), { force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
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
