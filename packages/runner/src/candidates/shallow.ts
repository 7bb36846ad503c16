// A source whose expressions stand in one another without end is refused before esbuild sees it: that works out sums of constants, and
// for a chain of sixty thousand takes a minute, in which nobody may stop it.
import type ts from 'typescript';
import { compiler } from './compiler.ts';

/** Designs of the repository have 16. TypeScript itself gives up at some thousand. */
const DEEP_MAX = 1000;

/** Throws an Error that names the line. */
export function mustBeShallow(file: string, text: string): void {
  const source = parsed(file, text);
  let level: ts.Node[] = [source];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEP_MAX) {
      const { line } = source.getLineAndCharacterOfPosition(level[0]!.end);
      throw new Error(`line ${line + 1}: what stands in one another is more than ${DEEP_MAX} deep`);
    }
    const below: ts.Node[] = [];
    for (const node of level) compiler.forEachChild(node, (child) => void below.push(child));
    level = below;
  }
}

function parsed(file: string, text: string): ts.SourceFile {
  try {
    return compiler.createSourceFile(file, text, compiler.ScriptTarget.Latest, false);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error('what stands in one another is too deep for TypeScript');
  }
}
