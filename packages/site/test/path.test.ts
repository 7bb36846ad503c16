// In a browser the runner asks for paths as Node has them.
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import * as path from '../src/browser/path.ts';

const PATHS = ['/', '/a', '/a/b.ts', '/a/b/c.json', '/ab/c', '/a/../d/./e.x.ts'];

test.each(PATHS)('%s: its parts', (one) => {
  for (const part of ['basename', 'dirname', 'extname', 'isAbsolute'] as const)
    expect([part, path[part](one)]).toEqual([part, posix[part](one)]);
});

test.each(PATHS)('from %s to any other', (from) => {
  for (const to of PATHS) {
    expect(path.relative(from, to)).toBe(posix.relative(from, to));
    expect(path.resolve(from, `.${to}`)).toBe(posix.resolve(from, `.${to}`));
  }
  for (const to of PATHS.slice(1)) expect(path.join(from, to)).toBe(posix.join(from, to));
});
