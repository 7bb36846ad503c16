// The tests that mutation testing runs: those that call the sources in their own process, no command and no worker.
// LASTREF_MUTATION_TESTS: their files, as scripts/mutate.mjs names them, the quick ones first: the first test that fails ends
// what is run for a mutant.
import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base, { SOURCES } from './vitest.config.ts';

const tests = process.env['LASTREF_MUTATION_TESTS'];

class AsNamed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const name = basename(moduleId, '.test.ts').replace(/\W/g, '\\$&');
      const at = (tests ?? '').search(new RegExp(`[{,/]${name}[,}.]`));
      return at < 0 ? Infinity : at;
    };
    return files.toSorted((a, b) => place(a) - place(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

export default defineConfig({
  ...(base as object),
  ssr: { resolve: { conditions: SOURCES } },
  test: {
    testTimeout: 60_000,
    isolate: false,
    fileParallelism: false,
    sequence: { sequencer: AsNamed },
    include: tests?.split(';') ?? ['packages/*/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.long.test.ts'],
  },
});
