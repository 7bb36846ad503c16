import { defineConfig } from 'vitest/config';

// Tests run on the sources: '@lastref/source' is the condition that leads there in each package.json.
const conditions = ['@lastref/source', 'module', 'node', 'development|production'];

const group = (name: string, include: string) => ({
  extends: true as const,
  test: { name, include: [include] },
});

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 120_000,
    maxWorkers: '100%', // by default one core is left idle, which is half of a small machine
    projects: [
      group('packages', 'packages/*/test/**/*.test.ts'),
      group('strategies', 'strategies/**/*.test.ts'),
      group('harness', 'harness/test/**/*.test.ts'),
    ],
  },
});
