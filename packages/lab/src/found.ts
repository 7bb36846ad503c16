// Scripts that were looked for: each parts the model from a mutant of it that other scripts do not see. Kept as plain
// text, so that `--keep` asks every kernel for them as well.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANSWERS } from './kept.ts';
import { parseScripts, scriptText, type Script } from './script.ts';

const FILE = join(ANSWERS, 'found.script');

export function foundScripts(): Script[] {
  return existsSync(FILE) ? parseScripts(readFileSync(FILE, 'utf8')) : [];
}

/** Adds `more`, each once. */
export function addFound(more: readonly Script[]): void {
  const all = new Map([...foundScripts(), ...more].map((s) => [bodyOf(s), s]));
  const text = [...all.values()].map((s, i) => scriptText({ ...s, id: `found.${i}` }));
  writeFileSync(FILE, text.join(''));
}

function bodyOf({ seam, lines }: Script): string {
  return scriptText({ id: '', seam, lines });
}
