// The version of a candidate's code, as tokens and journals carry it: two files that run as two programs have two. What is a
// comment is said by whoever compiles it: in a text, behind `//`, a line goes on.
import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import type ts from 'typescript';
import { codeIn, digestOfSources } from '../version.ts';
import { compiler } from './compiler.ts';

/** Of all that is read of a candidate: `texts` by path, its own file first. Where they lie does not count, how they are called does. */
export function versionOf(texts: ReadonlyMap<string, string>): string {
  const [[entry, text], ...others] = [...texts] as [[string, string], ...[string, string][]];
  if (others.length === 0 && isWhole(entry, text)) return digestOfSources([text]);
  const all = [...texts].map(([path, said]) => [
    path === entry ? '' : relative(dirname(entry), path),
    isWhole(path, said) ? codeIn(said) : said,
  ]);
  const hash = createHash('sha256').update(JSON.stringify(all));
  return hash.digest('hex').slice(0, digestOfSources([]).length);
}

/** Is `codeIn` the same program? It looks at lines, and not at what they are part of. */
function isWhole(path: string, text: string): boolean {
  return !path.endsWith('.json') && printed(path, text) === printed(path, codeIn(text));
}

const printer = compiler.createPrinter({ removeComments: true });

function printed(path: string, text: string): string {
  const file: ts.SourceFile = compiler.createSourceFile(
    path,
    text,
    compiler.ScriptTarget.Latest,
    false,
  );
  return printer.printFile(file);
}
