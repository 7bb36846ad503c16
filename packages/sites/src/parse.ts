// Functions of a C file, with their paths. The grammar is tree-sitter's, as WebAssembly: it needs no compiler and no
// kernel configuration, and goes on where it does not understand.
import { createRequire } from 'node:module';
import { Language, Parser } from 'web-tree-sitter';
import { FlowBuilder, parameters, type Flow } from './flow.ts';
import { loopsSpelled, type Chunk } from './source.ts';

export interface ParsedFunction {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  readonly flow: Flow;
  /** The grammar has not understood all of it. */
  readonly partly: boolean;
}

let parser: Parser | undefined;

/** Loads the grammar; to be awaited once, before `parseChunk`. */
export async function loadGrammar(): Promise<void> {
  if (parser !== undefined) return;
  await Parser.init();
  const require = createRequire(import.meta.url);
  const made = new Parser();
  made.setLanguage(await Language.load(require.resolve('tree-sitter-c/tree-sitter-c.wasm')));
  parser = made;
}

/** The function of a chunk. */
export function parseChunk(chunk: Chunk): ParsedFunction {
  if (parser === undefined) throw new Error('loadGrammar() first');
  const builder = new FlowBuilder(chunk.bodyLine, parameters(chunk.params));
  const tree = parser.parse(`void f(void)${loopsSpelled(chunk.body)}`);
  if (tree === null) throw new Error(`the grammar has given up on ${chunk.name}`);
  try {
    const body = tree.rootNode.descendantsOfType('compound_statement')[0] ?? tree.rootNode;
    return {
      name: chunk.name,
      line: chunk.line,
      endLine: chunk.endLine,
      flow: builder.build(body),
      partly: tree.rootNode.hasError,
    };
  } finally {
    tree.delete();
  }
}
