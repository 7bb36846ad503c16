// TypeScript reads a candidate's source and says what may not be there; esbuild reads it and makes what runs. What one of
// them takes for a comment the other may take for code (`0 <!-- /*` begins two kinds of them), and nobody has looked at that.
import { basename, extname } from 'node:path';
import { transform, type Loader } from 'esbuild';
import { compiler } from './compiler.ts';
import { Broken } from './rules.ts';

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
};

/**
 * Throws Broken for the first of `files`, texts by name, of which what TypeScript has read, written down again, is other code
 * than the file.
 */
export async function refuseAmbiguous(files: ReadonlyMap<string, string>): Promise<void> {
  const names = [...files.keys()];
  const ways = await Promise.all(
    [...files].map(async ([file, text]) => {
      const loader = LOADERS[extname(file)];
      if (loader === undefined) return [];
      return Promise.all([codeOf(text, loader), codeOf(printed(file, text), loader)]);
    }),
  );
  const at = ways.findIndex(([one, other]) => one !== other);
  if (at < 0) return;
  const name = basename(names[at]!);
  throw new Broken(
    'its file',
    `${name} is one program to TypeScript and another one to what runs it (<!-- or --> begins a comment for one of them)`,
    'state',
  );
}

function printed(file: string, text: string): string {
  const source = compiler.createSourceFile(file, text, compiler.ScriptTarget.Latest, true);
  return compiler.createPrinter({ removeComments: true }).printFile(source);
}

/** As esbuild reads it, in one form whoever wrote it; null: it is none. */
async function codeOf(text: string, loader: Loader): Promise<string | null> {
  try {
    const { code } = await transform(text, {
      loader,
      target: 'node20',
      minifyWhitespace: true,
      legalComments: 'none',
      ignoreAnnotations: true,
      tsconfigRaw: '{}',
      logLevel: 'silent',
    });
    return code;
  } catch {
    return null;
  }
}
