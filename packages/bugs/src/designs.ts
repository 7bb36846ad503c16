// The designs that stand for the programs of bugs: what a token may name, and whose code it has the digest of.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Design } from '@lastref/kernel';
import { bringsCode, digestOfFiles } from '@lastref/runner';
import type { Bug } from './bug.ts';
import { BUGS } from './catalog/index.ts';
import { knownBugs } from './own.ts';

/** The sources, which lie beside every build. */
const SRC = fileURLToPath(new URL('../../bugs/src', import.meta.url));

/** All of the catalog, and of what was brought, that are not among `known`. */
export function bugDesigns(known: readonly Design[]): Design[] {
  const all = new Set(BUGS.flatMap(designsIn));
  for (const design of all) bringsCode(design, codeOfCatalog);
  const brought = knownBugs().slice(BUGS.length).flatMap(designsIn); // bugIn says what their code is
  const own = [...all, ...new Set(brought)];
  return own.filter((design) => !known.some(({ id }) => id === design.id));
}

function designsIn({ wrong, fixed }: Bug): Design[] {
  return [wrong.design, fixed.design];
}

/** One digest for all: they share what they are made of. */
function codeOfCatalog(): string {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' });
  return digestOfFiles(files.filter((f) => f.endsWith('.ts')).map((f) => join(SRC, f)));
}
