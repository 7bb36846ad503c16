// What to type next, as it works from where the user is.
import { ROOT } from '../registry.ts';

/** `lastref …` as a shell in this directory finds it. */
export function hint(...words: readonly string[]): string {
  const here = `${process.cwd()}/`;
  const program = here.startsWith(ROOT) ? 'pnpm lastref' : `${ROOT}lastref`;
  return [program, ...words].join(' ');
}

/** The command that plays a token again, with the candidates that it may name. */
export function replayHint(token: string, candidates: readonly string[]): string {
  return hint('replay', token, ...candidates.map((file) => `--with ${file}`));
}
