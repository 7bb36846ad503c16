// A candidate's TypeScript as one JavaScript module. Nothing of it runs here.
import { isBuiltin } from 'node:module';
import { basename, dirname, isAbsolute } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { Broken } from './rules.ts';
import { mustBeNamed, type Source } from './source.ts';
import { Texts } from './texts.ts';

/** The seam means the package that is running, not a copy. */
const ours = (trusted: boolean): Plugin => ({
  name: 'lastref',
  setup(build) {
    build.onResolve({ filter: /^@lastref\/kernel$/ }, ({ path }) => ({
      path: trusted ? import.meta.resolve(path) : path,
      external: true,
    }));
  },
});

/**
 * What stands outside of a design, refused where it is imported, before it runs: files, clocks, the network; and
 * packages, whose state no search sees and whose version no token holds.
 */
const outside: Plugin = {
  name: 'no-outside',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (isBuiltin(path))
        return { errors: [{ text: `it imports ${path}, which no design needs` }] };
      if (kind === 'entry-point' || /^\.{0,2}\//.test(path) || isAbsolute(path)) return null;
      return {
        errors: [
          { text: `it imports ${path}; a design imports @lastref/kernel and its own files` },
        ],
      };
    });
  },
};

/**
 * Compiles `file` with what it imports, as a script for a compartment; `trusted`: as a module that Node loads. Throws
 * Broken with the place of what does not compile.
 */
export async function compile(file: string, trusted = false): Promise<Source> {
  mustBeNamed(file);
  const texts = new Texts();
  try {
    const result = await build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      format: trusted ? 'esm' : 'cjs',
      platform: 'node',
      target: 'node20',
      // what runs is what stands in its files, and nothing that lies beside them or in a comment
      tsconfigRaw: '{}',
      ignoreAnnotations: true,
      write: false,
      sourcemap: 'inline',
      metafile: true,
      logLevel: 'silent',
      plugins: [ours(trusted), outside, texts.plugin],
    });
    const own = texts.from(file);
    // A compiler, which only candidates need.
    const { refuseHidden } = await import('./hidden.ts');
    const { refuseMisspelt } = await import('./misspelt.ts');
    const { exportingAll, sharing } = await import('./module-names.ts');
    const { askingCatches } = await import('./catches.ts');
    const { refuseAmbiguous } = await import('./read-alike.ts');
    const { versionOf } = await import('./version.ts');
    await refuseAmbiguous(own);
    refuseHidden(own);
    refuseMisspelt(own);
    mustBeModules(result.metafile);
    const text = withoutInterpreter(result.outputFiles[0]!.text);
    return {
      file,
      code: trusted ? exportingAll(text) : sharing(askingCatches(text)),
      version: versionOf(own),
      name: basename(file),
      ...(trusted ? { trusted } : {}),
    };
  } catch (error) {
    if (error instanceof Broken) throw error;
    throw new Broken('its file', reason(basename(file), error), 'compiles');
  }
}

/** `#!` at its top is code to nobody, and no script but a file's may begin so; the line stays, as places are counted by lines. */
const withoutInterpreter = (text: string): string => text.replace(/^#!.*/, '');

/** What is no ES module becomes a function, where nobody comes at what stands at its top to freeze it. Throws Broken. */
function mustBeModules({ inputs }: Metafile): void {
  const other = Object.entries(inputs).find(
    ([path, { format }]) => format === 'cjs' && !path.endsWith('.json'),
  );
  if (other === undefined) return;
  throw new Broken(
    'its file',
    `${basename(other[0])} is no ES module (export =, or this at its top); name what it exports`,
    'compiles',
  );
}

interface BuildFailure {
  readonly errors?: readonly {
    readonly text: string;
    readonly location: { readonly line: number; readonly column: number } | null;
  }[];
}

function reason(file: string, error: unknown): string {
  const first = (error as BuildFailure).errors?.[0];
  if (first === undefined)
    return `${file} cannot be compiled: ${(error as Error).message.split('\n')[0]}`;
  const at = first.location === null ? '' : `:${first.location.line}:${first.location.column + 1}`;
  return `${file}${at}: ${first.text}`;
}
