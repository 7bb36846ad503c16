// What is asked of a tree, by name: which tree, which release, which patch.
import { existsSync } from 'node:fs';
import { treeOf } from '@lastref/kernel';
import { LabError } from '@lastref/lab';
import { CouldNot, UsageError, textOf } from '@lastref/runner';
import { fetchSource, type SourceTree } from './fetch.ts';
import { parsePatch } from './patch.ts';

/** Of a patch. */
const BYTES_MAX = 1 << 28;

/** The text of a patch. Throws UsageError for what is none, and CouldNot for what cannot be read. */
export function readPatch(file: string): string {
  if (!existsSync(file))
    throw new UsageError(`${file}: there is no such file; a unified diff is wanted`);
  const text = textOf(file, 'a patch', BYTES_MAX);
  parsePatch(text, file);
  return text;
}

/** A release by its own name. Throws UsageError. */
export function eraCalled(name: string): string {
  try {
    return treeOf(name).id;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A tree, and where it comes from; null: nobody said. */
export type AskedTree = { [K in keyof SourceTree]: SourceTree[K] | null } & {
  readonly dir: string;
};

/** The tree that was named, or that of a kernel that is fetched. Throws CouldNot where it cannot be. */
export async function treeAsked(
  dir: string | undefined,
  kernel: string | undefined,
  say: (line: string) => void,
): Promise<AskedTree> {
  if (kernel === undefined) return { dir: dir!, tree: null, source: null, sha256: null };
  try {
    return await fetchSource(kernel, say);
  } catch (error) {
    if (error instanceof LabError) throw new CouldNot(error.message);
    throw error;
  }
}
