// The scripts of the playground, each one file. The same sources give the same bytes.
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { machineVersion } from '@lastref/runner';
import { sources } from './sources.ts';
import { INJECTED, system } from './system.ts';

const here = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

const COMMON: BuildOptions = {
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['chrome111', 'firefox113', 'safari16.4'],
  conditions: ['@lastref/source'],
  charset: 'utf8',
  legalComments: 'none',
  write: false,
  logLevel: 'silent',
};

async function script(entry: string, plugins: Plugin[], more: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: [here(entry)],
    plugins,
    ...more,
  });
  return outputFiles![0]!.text.trim();
}

/** Where a module of ours believes to lie: roots of paths are three folders above. */
const PLACE = '"file:///lastref/packages/runner/src/module.ts"';

const inWorker = (): BuildOptions => ({
  inject: [INJECTED],
  define: {
    'import.meta.url': PLACE,
    MACHINE_VERSION: JSON.stringify(machineVersion()),
    global: 'globalThis',
  },
});

export interface Scripts {
  readonly model: string;
  readonly compiler: string;
  readonly frame: string;
  readonly play: string;
  readonly theme: string;
}

export async function bundleScripts(): Promise<Scripts> {
  const [model, compiler, frame, play, theme] = await Promise.all([
    // Names of classes stand in messages.
    script('model/worker.ts', [sources(true), system(['esbuild', 'typescript'])], {
      ...inWorker(),
      keepNames: true,
    }),
    script('compiler/worker.ts', [sources(false), system([])], inWorker()),
    script('frame/frame.ts', []),
    script('play/main.ts', [], { format: 'esm' }),
    script('play/theme.ts', [], { format: 'esm' }),
  ]);
  return { model, compiler, frame, play, theme };
}
