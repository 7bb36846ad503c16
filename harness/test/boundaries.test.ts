// The house has walls: what a package may import, and that nothing needs itself to load.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { broken } from './house/boundaries.ts';
import { readSources, type Sources } from './house/imports.ts';

const sources = readSources(fileURLToPath(new URL('../..', import.meta.url)));

test('no boundary is broken', () => {
  expect(sources.files.size).toBeGreaterThan(400);
  expect(broken(sources)).toEqual([]);
});

test('the command line is thin: what answers a question stands in its package', () => {
  const lines = [...sources.files]
    .filter(([file]) => file.startsWith('harness/src/'))
    .map(([, text]) => text.split('\n').length - 1);
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.reduce((sum, n) => sum + n, 0)).toBeLessThan(3000);
});

describe('is told with its place:', () => {
  const judge = 'packages/judge/src/index.ts';
  const alarm = 'packages/kernel/src/agenda.ts';
  test.each([
    [
      'the judge that knows a workload',
      judge,
      `import { WORKLOADS } from '@lastref/workloads';`,
      'no workload',
    ],
    [
      'the judge that knows a type of a design',
      judge,
      `import type { design } from '@lastref/strategies';`,
      'no design',
    ],
    [
      'what is no dependency',
      'packages/search/src/index.ts',
      `import { z } from 'zod';`,
      'no dependency of @lastref/search',
    ],
    [
      'a dependency for tests alone',
      judge,
      `export * from '@lastref/operations';`,
      'no dependency of @lastref/judge',
    ],
    [
      'a path into another package',
      'packages/search/src/index.ts',
      `import '../../kernel/src/index.ts';`,
      'a file of another package',
    ],
    [
      'a machine with a clock of its own',
      alarm,
      `import { hrtime } from 'node:process';`,
      'ask the system for nothing',
    ],
    [
      'a runner that knows a question',
      'packages/runner/src/house.ts',
      `const q = import('@lastref/operations/question');`,
      'knows no question',
    ],
    [
      'a design that knows the machine',
      'strategies/naive-sendpage.ts',
      `import { Cell } from '@lastref/search';`,
      'knows the seam',
    ],
    [
      'a circle of two files',
      alarm,
      `import { Kernel } from './kernel.ts';`,
      "need each other's values: packages/kernel/src/agenda.ts -> ",
    ],
  ])('%s', (_, file, line, says) => {
    const text = sources.files.get(file);
    expect(text, file).toBeDefined();
    const files = new Map(sources.files).set(file, `${line}\n${text!}`);
    const told = broken({ ...sources, files });
    expect(told.length).toBeGreaterThan(0);
    expect(told.join('\n')).toContain(says);
    expect(told.join('\n')).toContain(file);
  });

  test('packages that need each other', () => {
    const packages = sources.packages.map((p) =>
      p.name === '@lastref/kernel' ? { ...p, dependencies: ['@lastref/judge'] } : p,
    );
    const told = broken({ packages, files: new Map() } satisfies Sources);
    expect(told).toEqual([expect.stringContaining('packages need each other: @lastref/judge')]);
  });

  test('a circle of types is none', () => {
    const line = `import type { Kernel } from './kernel.ts';`;
    const files = new Map(sources.files).set(alarm, `${line}\n${sources.files.get(alarm)!}`);
    expect(broken({ ...sources, files })).toEqual([]);
  });
});
