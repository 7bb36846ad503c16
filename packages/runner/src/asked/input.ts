// Texts that a user names: what is wrong with one is one line, with the file and what would be right.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { shown, textOf } from '../piped.ts';

/** `what`: 'a recording', and at the most so many bytes it has. Throws UsageError, or CouldNot for what cannot be read. */
export function readInput(file: string, what: string, bytesMax: number, hint = ''): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new UsageError(`${shown(file)}: there is no such file; ${what} is wanted${hint}`);
  if (stat.isDirectory())
    throw new UsageError(`${shown(file)}: a directory; ${what} is wanted${hint}`);
  if (stat.size > bytesMax)
    throw new UsageError(`${file}: ${stat.size} bytes; ${what} has at most ${bytesMax}`);
  return textOf(file, what, bytesMax);
}

/** The file, or all with this ending that stand in the directory. Throws UsageError where there is none. */
export function inputsAt(path: string, ending: string, what: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new UsageError(
      `${shown(path)}: there is no such file; ${what} or a directory of them is wanted`,
    );
  if (!stat.isDirectory()) return [path];
  const found = readdirSync(path).filter((name) => name.endsWith(ending));
  if (found.length === 0)
    throw new UsageError(`${path}: no ${what.split(' ')[1]} (*${ending}) is in this directory`);
  return found.map((name) => join(path, name));
}
