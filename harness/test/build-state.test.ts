// `./lastref` takes a build where it is that of the sources as they are, and else the sources.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { isBuilt, recordBuild } from '../../scripts/build-state.mjs';

const root = mkdtempSync(join(tmpdir(), 'lastref-built-'));
const SOURCE = 'packages/kernel/src/kernel.ts';
const OUTPUT = 'packages/kernel/dist/index.js';

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  for (const path of [SOURCE, OUTPUT, 'strategies/a.ts', 'harness/dist/cli.js']) write(path, '0');
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  recordBuild(root);
});
afterAll(() => rmSync(root, { recursive: true }));

test('a build is that of the sources that it was made of', () => {
  expect(isBuilt(root)).toBe(true);
  write('packages/kernel/test/kernel.test.ts', 'a test is in no build');
  expect(isBuilt(root)).toBe(true);
});

test.each([
  ['a source that is longer', () => write(SOURCE, '0, and more')],
  ['one of the same length, written later', () => utimesSync(join(root, SOURCE), 1, 1)],
  ['a source that is new', () => write('strategies/b.ts', '')],
  ['one that is gone', () => rmSync(join(root, SOURCE))],
  ['an output that another build writes', () => rmSync(join(root, OUTPUT))],
  ['no build at all', () => rmSync(join(root, 'node_modules/.lastref-built'))],
])('%s makes it another', (_, change) => {
  change();
  expect(isBuilt(root)).toBe(false);
  rmSync(join(root, 'strategies/b.ts'), { force: true });
});
