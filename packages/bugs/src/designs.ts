// The designs that stand for the programs of bugs: what a token may name, and whose code it has the digest of.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Design } from '@lastref/kernel';
import { bringsCode, digestOfFiles } from '@lastref/runner';
import { BUGS } from './catalog/index.ts';

/** The sources, which lie beside every build. */
const SRC = fileURLToPath(new URL('../../bugs/src', import.meta.url));

/** All of the catalog that are not among `known`. */
export function bugDesigns(known: readonly Design[]): Design[] {
  const all = new Set(BUGS.flatMap(({ wrong, fixed }) => [wrong.design, fixed.design]));
  const own = [...all].filter((design) => !known.some(({ id }) => id === design.id));
  for (const design of own) bringsCode(design, codeOfCatalog);
  return own;
}

/** One digest for all: they share what they are made of. */
function codeOfCatalog(): string {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' });
  return digestOfFiles(files.filter((f) => f.endsWith('.ts')).map((f) => join(SRC, f)));
}
