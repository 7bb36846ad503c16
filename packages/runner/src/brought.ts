// Code that a user brings and that runs beside the judge: a bug of history, which is its driver and its program and so
// part of the machine. Nothing keeps it apart, so its verdict is worth what it is.
import { build, type BuildFailure, type Plugin } from 'esbuild';
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportsOf } from './candidates/all-names.ts';
import { UsageError } from './errors.ts';
import { forget, temporary } from './temporary.ts';
import { digestOfFiles } from './version.ts';

/** A file as JavaScript, compiled when the command began. Plain data: it travels between threads. */
export interface Brought {
  /** The question that knows what to do with it. */
  readonly kind: string;
  readonly file: string;
  readonly code: string;
  /** The digest of what it is made of. */
  readonly version: string;
  /** What it exports, by name. */
  readonly exports: readonly string[];
}

/** Packages of the project mean those that are running. */
const ours = (find: (name: string) => string): Plugin => ({
  name: 'lastref',
  setup(build) {
    build.onResolve({ filter: /^@lastref\// }, ({ path }) => {
      try {
        return { path: find(path), external: true };
      } catch {
        return { errors: [{ text: `it imports ${path}, which there is not` }] };
      }
    });
  },
});

/**
 * Compiles `file` with what it has beside it. `find`: where a package of the project is (`import.meta.resolve` of whoever
 * knows them). Throws UsageError with the place of what does not compile.
 */
export async function bring(
  kind: string,
  file: string,
  find: (name: string) => string,
): Promise<Brought> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true)
    throw new UsageError(`${file}: ${stat === undefined ? 'there is no such file' : 'no file'}`);
  try {
    const { metafile, outputFiles } = await build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      write: false,
      sourcemap: 'inline',
      metafile: true,
      logLevel: 'silent',
      plugins: [ours(find)],
    });
    const own = Object.keys(metafile.inputs).map((path) => resolve(dirname(file), path));
    const exports = Object.values(metafile.outputs).flatMap((o) => o.exports);
    const { exportingAll } = await import('./candidates/module-names.ts'); // a compiler, which only this needs
    const code = exportingAll(outputFiles[0]!.text);
    return { kind, file, code, version: digestOfFiles(own), exports };
  } catch (error) {
    throw new UsageError(failure(file, error), { cause: error });
  }
}

function failure(file: string, error: unknown): string {
  const first = (error as Partial<BuildFailure>).errors?.[0];
  if (first === undefined) return `${file}: ${(error as Error).message.split('\n')[0]}`;
  const { location, text } = first;
  const at = location === null ? '' : `:${location.line}:${location.column + 1}`;
  return `${basename(file)}${at}: ${text}`;
}

/** Runs it: the module. */
export async function moduleIn({ file, code }: Brought): Promise<object> {
  const name = basename(file).replace(/\.[cm]?[jt]s$/, '.mjs');
  const compiled = temporary(name, code);
  try {
    return exportsOf((await import(pathToFileURL(compiled).href)) as object);
  } finally {
    forget(compiled);
  }
}
