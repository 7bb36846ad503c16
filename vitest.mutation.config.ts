// The tests that mutation testing runs: those that call the sources in their own process, no command and no worker.
// LASTREF_MUTATION_TESTS: their files, as scripts/mutate.mjs names them.
import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default defineConfig({
  ...(base as object),
  test: {
    testTimeout: 60_000,
    isolate: false,
    fileParallelism: false,
    include: process.env['LASTREF_MUTATION_TESTS']?.split(';') ?? ['packages/*/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.long.test.ts'],
  },
});
