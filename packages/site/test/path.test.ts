// In a browser the runner asks for paths as Node has them.
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import {
  basename,
  dirname,
  extname,
  isAbsolute,
  join,
  relative,
  resolve,
} from '../src/browser/path.ts';

const PATHS = ['/', '/a', '/a/b.ts', '/a/b/c.json', '/ab/c', '/a/../d/./e.x.ts'];

test.each(PATHS)('%s: its parts', (one) => {
  expect([basename(one), dirname(one), extname(one), isAbsolute(one)]).toEqual([
    posix.basename(one),
    posix.dirname(one),
    posix.extname(one),
    posix.isAbsolute(one),
  ]);
});

test.each(PATHS)('from %s to any other', (from) => {
  for (const to of PATHS) {
    expect(relative(from, to)).toBe(posix.relative(from, to));
    expect(resolve(from, `.${to}`)).toBe(posix.resolve(from, `.${to}`));
  }
  for (const to of PATHS.slice(1)) expect(join(from, to)).toBe(posix.join(from, to));
});
