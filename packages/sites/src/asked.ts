// What is asked of a tree, by name: which tree, which release, which patch.
import { treeOf } from '@lastref/kernel';
import { LabError } from '@lastref/lab';
import { CouldNot, UsageError, textOf } from '@lastref/runner';
import { fetchSource, type SourceTree } from './fetch.ts';
import { parsePatch } from './patch.ts';

/** Of a patch. */
const BYTES_MAX = 1 << 28;

/** The text of a patch. Throws UsageError for what is none. */
export function readPatch(file: string): string {
  let text: string;
  try {
    text = textOf(file, 'a patch', BYTES_MAX);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read a patch from '${file}'`);
  }
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
