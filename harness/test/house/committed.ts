// Golden files with tokens in them.
import { existsSync, readFileSync } from 'node:fs';
import { withoutVersions } from '@lastref/runner';

/** What `file` says if `text` differs from it in nothing but which version of the machine made its tokens; else `text`. */
export function asCommitted(text: string, file: string): string {
  const committed = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return withoutVersions(committed) === withoutVersions(text) ? committed : text;
}
