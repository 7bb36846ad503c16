// Where documents of other runs are, as somebody named the place: before anything is run, it is there.
import { statSync } from 'node:fs';
import { UsageError, absolute } from '@lastref/runner';

/** A directory with compare.json and more. Throws UsageError. */
export function documentsIn(from: string): string {
  const dir = absolute(from);
  const there = statSync(dir, { throwIfNoEntry: false });
  if (there?.isDirectory() !== true)
    throw new UsageError(
      `${from}: ${there === undefined ? 'no such' : 'this is no'} directory; --from takes one with compare.json, as lastref compare --out writes it`,
    );
  return dir;
}

/** The document of claims. Throws UsageError. */
export function claimsFile(name: string): string {
  const file = absolute(name);
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.isFile() !== true)
    throw new UsageError(
      `${name}: ${there === undefined ? 'no such' : 'this is no'} file; --claims takes the document of lastref claims --json`,
    );
  return file;
}
