// Designs from outside the repository: one TypeScript file anywhere on disk.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { UsageError } from './errors.ts';
import { loadDesign, type DesignFile } from './registry.ts';

/** '@lastref/…' means the packages that are running, not a copy. */
const ours: Plugin = {
  name: 'lastref',
  setup(build) {
    build.onResolve({ filter: /^@lastref\// }, ({ path }) => ({
      path: import.meta.resolve(path),
      external: true,
    }));
  },
};

/** Loads a candidate; anything wrong with it is one line. */
export async function loadCandidate(file: string): Promise<DesignFile> {
  if (!existsSync(file)) {
    throw new UsageError(
      `${file}: no such file; --with takes the path of a design's TypeScript file`,
    );
  }
  const dir = mkdtempSync(join(tmpdir(), 'lastref-'));
  const compiled = join(dir, `${basename(file).replace(/\.[cm]?[jt]s$/, '')}.mjs`);
  try {
    const result = await build({
      entryPoints: [file],
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      write: false,
      sourcemap: 'inline',
      logLevel: 'silent',
      plugins: [ours],
    });
    writeFileSync(compiled, result.outputFiles[0]!.contents);
    const { design } = await loadDesign(compiled);
    return { file, design };
  } catch (error) {
    throw new UsageError(reason(file, error));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function reason(file: string, error: unknown): string {
  if (error instanceof UsageError) return error.message.replace(/^\S+\.mjs/, file);
  const { errors } = error as {
    errors?: { text: string; location: { line: number; column: number } | null }[];
  };
  const first = errors?.[0];
  if (first === undefined)
    return `${file} cannot be loaded: ${(error as Error).message.split('\n')[0]}`;
  const at = first.location === null ? '' : `:${first.location.line}:${first.location.column + 1}`;
  return `${file}${at}: ${first.text}`;
}
