// The wrong design of an exercise as a file of its own, for who repairs it.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { UsageError, tryDirectory, writeTogether } from '@lastref/runner';
import type { Exercise } from './exercise.ts';

/** Writes it to `file`, under a name of its own. Throws UsageError where something is there. */
export function writeExercise({ wrong }: Exercise, file: string): void {
  if (existsSync(file))
    throw new UsageError(
      `${file} is there already, and is left as it is; --out takes another name`,
    );
  tryDirectory(dirname(file));
  const source = new URL(`../src/exercises/${wrong.id}.ts`, import.meta.url);
  const data = readFileSync(source, 'utf8').replace(`id: '${wrong.id}'`, `id: 'my-${wrong.id}'`);
  writeTogether(dirname(file), [{ name: basename(file), data }], { anew: true });
}
