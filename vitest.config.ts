import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { cacheDir } from './harness/test/house/reference.ts';

// Tests of a package run on its sources: '@lastref/source' is the condition that leads there in each package.json. Those of
// the harness, as the commands that they start, run on the build, which scripts/setup.mjs has brought up to date: a machine
// from few files, whose names are bound by Node itself, plays in two thirds of the time.
const BUILT = ['module', 'node', 'development|production'];
export const SOURCES = ['@lastref/source', ...BUILT];

/** Tests that are long in coming: `npm run long`, which takes all others too, and no samples (scripts/tier.ts). */
const LONG = '**/*.long.test.ts';
/** Tests that change what all share (prototypes, globals, a registry), or measure: each in a process of its own. */
const APART = [
  'packages/judge/test/blind.test.ts',
  'packages/operations/test/candidates.test.ts',
  'packages/runner/test/around-candidates.test.ts',
  'packages/runner/test/{clock,closed,handed-on,no-memory,quiet,recorded-field,rest,room,tape,writes}.test.ts',
  'packages/search/test/state.test.ts',
  'packages/search/test/audit.test.ts',
];
const APART_BUILT = ['harness/test/{candidates,registry}.test.ts'];
/** Clones with other packages keep modules of their own: vitest empties a cache that was made with another lock file. */
const lock = createHash('sha256').update(readFileSync(new URL('pnpm-lock.yaml', import.meta.url)));
const modules = join(cacheDir(), 'modules', lock.digest('hex').slice(0, 8));
const long = process.env['LASTREF_LONG'] === '1';
const exclude = ['**/node_modules/**', ...APART, ...APART_BUILT, ...(long ? [] : [LONG])];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 600_000,
    maxWorkers: '100%', // by default one core is left idle, which is half of a small machine
    globalSetup: ['./scripts/built.mjs', './scripts/scratch.mjs'],
    allowOnly: false,
    // Most of what a machine allocates is gone with it: a larger nursery, cleaned by one thread, takes a sixth off.
    execArgv: ['--max-semi-space-size=64', '--single-threaded-gc'],
    experimental: { fsModuleCache: true, fsModuleCachePath: modules },
    projects: [
      {
        extends: true,
        ssr: { resolve: { conditions: SOURCES } },
        test: {
          name: 'together',
          isolate: false, // loading the machine costs more than most tests
          include: ['packages/*/test/**/*.test.ts', 'strategies/**/*.test.ts'],
          exclude,
        },
      },
      {
        extends: true,
        ssr: { resolve: { conditions: BUILT } },
        test: {
          name: 'built',
          isolate: false,
          include: ['harness/test/**/*.test.ts'],
          exclude,
          server: { deps: { external: [/\/dist\/.*\.js$/] } },
        },
      },
      {
        extends: true,
        ssr: { resolve: { conditions: SOURCES } },
        test: { name: 'apart', include: APART },
      },
      {
        extends: true,
        ssr: { resolve: { conditions: BUILT } },
        test: {
          name: 'apart, built',
          include: APART_BUILT,
          server: { deps: { external: [/\/dist\/.*\.js$/] } },
        },
      },
    ],
  },
});
