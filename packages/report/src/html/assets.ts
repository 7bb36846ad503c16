// The script and the style of the page, from their sources here.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The same files whether this runs from its source or from a build beside it. */
const HERE = import.meta.url.endsWith('.ts')
  ? new URL('./', import.meta.url)
  : new URL('../src/html/', import.meta.url);

export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** One of the sheets of the page. */
export function sheet(name: 'style' | 'diagram'): string {
  return readFileSync(new URL(`client/${name}.css`, HERE), 'utf8').trim();
}

/** Bundles the script; the same sources give the same bytes. */
export async function loadAssets(): Promise<Assets> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('client/main.ts', HERE))],
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
  });
  return {
    script: outputFiles[0]!.text.trim(),
    style: `${sheet('style')}\n${sheet('diagram')}`,
  };
}
