// What to type next, as it works from where the user is.
import { delimiter, relative, resolve } from 'node:path';
import { ROOT } from '@lastref/runner';

/** `lastref …` as a shell in this directory finds it. */
export function hint(...words: readonly string[]): string {
  return [program(), ...words].join(' ');
}

function program(): string {
  if (`${process.cwd()}/`.startsWith(ROOT)) return 'pnpm lastref';
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return path.some((dir) => `${resolve(dir)}/` === ROOT) ? 'lastref' : `${ROOT}lastref`;
}

/** A path as it is typed here: relative, where that is not longer. */
export function typed(path: string): string {
  const near = relative(process.cwd(), path);
  if (near.length > path.length) return path;
  return near.startsWith('.') ? near : `./${near}`;
}

/** The command that plays a token again, with the candidates that it may name. */
export function replayHint(token: string, candidates: readonly string[]): string {
  return hint('replay', token, ...candidates.map((file) => `--with ${file}`));
}
