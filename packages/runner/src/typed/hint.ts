// What to type next, as it works from where the user is: what was typed, and words that a shell takes as they stand.
import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, extname, join, relative, resolve } from 'node:path';
import type { Replay } from '@lastref/report/words';
import { ROOT } from '../registry.ts';

/** `lastref …` as a shell in this directory finds it. The words are taken as they are. */
export function hint(...words: readonly string[]): string {
  return [program(process.env, process.cwd()), ...words].join(' ');
}

/**
 * How the program was called. The launcher says in LASTREF_PROGRAM which file that was: the command line itself is
 * another process.
 */
export function program(env: NodeJS.ProcessEnv, cwd: string): string {
  const file = env['LASTREF_PROGRAM'] ?? process.argv[1] ?? '';
  const name = basename(file, extname(file));
  // npx and npm exec put their own directory on the path of what they run: the user's shell does not have it.
  if (env['npm_command'] === 'exec' && !file.startsWith(ROOT)) return 'npx lastref';
  if (name === 'lastref' && extname(file) === '') {
    const first = (env['PATH'] ?? '')
      .split(delimiter)
      .filter((dir) => dir !== '')
      .map((dir) => join(resolve(cwd, dir), 'lastref'))
      .find((path) => existsSync(path));
    if (first !== undefined && realpathSync(first) === realpathSync(file)) return 'lastref';
    return quoted(near(file, cwd));
  }
  // From a test or a script of ours: the launcher at the root works everywhere.
  if (!/^(lastref\.mjs|cli\.js)$/.test(basename(file))) return quoted(near(`${ROOT}lastref`, cwd));
  return `node ${quoted(near(file, cwd))}`;
}

/** A path as it is typed here: relative, where that is not longer. */
export function typed(path: string): string {
  return quoted(near(path, process.cwd()));
}

function near(path: string, cwd: string): string {
  const short = relative(cwd, path);
  if (short.length > path.length) return path;
  return short.startsWith('.') ? short : `./${short}`;
}

/** A word for a shell: in quotes where it would be taken apart, in $'…' where it has what nobody can see. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./~-]+$/.test(word)) return word;
  if (!/\p{Cc}/u.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = word.replace(/['\\\p{Cc}]/gu, (c) =>
    /['\\]/.test(c) ? `\\${c}` : `\\x${c.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
  return `$'${escaped}'`;
}

/** What plays a token again, with the candidates that it may name; `trust`: they run beside the judge. */
export function replayWith(candidates: readonly string[], trust?: boolean): Replay {
  return (token) => hint('replay', token, ...bringing(candidates, trust));
}

/** The flags that bring these files. */
export function bringing(candidates: readonly string[], trust?: boolean): string[] {
  const files = candidates.map((file) => `--with ${quoted(file)}`);
  return trust === true ? [...files, '--trust'] : files;
}
