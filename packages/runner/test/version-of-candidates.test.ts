// Two candidates that run as two programs have two versions: a token of one would else be taken for the other's, and a journal
// be gone on with.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pack, unpack } from '../src/candidates/packed.ts';
import { versionOf } from '../src/candidates/version.ts';
import { digestOfSources } from '../src/version.ts';

const of = (...texts: readonly (readonly [path: string, text: string])[]): string =>
  versionOf(new Map(texts.map(([path, text]) => [join('/somewhere', path), text])));
const one = (text: string): string => of(['mine.ts', text]);

test('one file has the version that it would have among those of the repository', () => {
  const text = "const a = 'http://x'; // why\n  export const b = a;\n";
  expect(one(text)).toBe(digestOfSources([text]));
  expect(one(text)).toMatch(/^[0-9a-f]{8}$/);
  expect(of(['other/yours.ts', text]), 'wherever it lies').toBe(one(text));
  expect(one(text.replace('// why', '// for that'))).toBe(one(text));
});

test.each([
  ['behind // in a text', (n: number) => `const a = ' //'.length; export const b = a + ${n};`],
  ['behind // in a template', (n: number) => `const a = \` // \${${n}}\`; export { a };`],
  ['behind // in a regular expression', (n: number) => `const a = / \\//.test(' //'); a; ${n};`],
  ['on a line of a template', (n: number) => `const a = \`\n${' '.repeat(n)}x\`; export { a };`],
  [
    'in a text that begins as a comment',
    (n: number) => `const a = \`\n/* ${n} */\`; export { a };`,
  ],
])('what stands %s counts', (_, code) => {
  expect(one(code(1))).not.toBe(one(code(2)));
});

test('which file is its own, and how the others are called, counts', () => {
  const a = "import { x } from './b.ts'; export const design = x;";
  const b = "import { y } from './c.ts'; export const x = y;";
  const c = 'export const y = 1;';
  const all = [
    of(['a.ts', a], ['b.ts', b], ['c.ts', c]),
    of(['a.ts', b], ['b.ts', a], ['c.ts', c]),
    of(['a.ts', a], ['b.ts', c], ['c.ts', b]),
    of(['a.ts', a], ['lib/b.ts', b], ['lib/c.ts', c]),
    of(['a.ts', `${a}\0${b}`], ['c.ts', c]),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(of(['k/a.ts', a], ['k/b.ts', b], ['k/c.ts', c])).toBe(all[0]);
});

test('what goes to another machine is the same program there, whatever its texts are', () => {
  const code = 'module.exports = { seam: "lastref:seam", kernel: "@lastref/kernel" };';
  const source = { file: '/somewhere/mine.ts', code, version: '00000001', name: 'mine' };
  expect(unpack(pack(source))).toEqual({ ...source, file: 'mine.ts' });
});
