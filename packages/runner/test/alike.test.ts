// A search knows objects of the repository's designs by what is in them: constants that one tells apart by which it is have to
// differ in that. Of what a user brings it knows which is which.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { alikeIn } from './alike-constants.ts';

function look(...files: string[]): string | null {
  const sources = files.map((code, i) =>
    ts.createSourceFile(`${i}.ts`, code, ts.ScriptTarget.Latest, true),
  );
  return alikeIn(sources)?.what ?? null;
}

const asks = 'function f(x: unknown) { return x === BUSY; }';

test.each<[string, ...string[]]>([
  ['two empty records', `const FREE = {}; const BUSY = {};\n${asks}`],
  [
    'whatever their types are',
    `const FREE = {} as A; const BUSY = ({} satisfies B) as B;\n${asks}`,
  ],
  ['two lists', `const FREE = [1];\nconst BUSY = [ 1 /* b */ ];\n${asks}`],
  ['both frozen', `const FREE = Object.freeze({}), BUSY = Object.freeze({});\n${asks}`],
  ['of two files', 'export const FREE = {};', `const BUSY = {};\n${asks}`],
  ['in a switch', 'const FREE = {}; const BUSY = {}; function f(x) { switch (x) { case BUSY: } }'],
])('alike are %s', (_, ...files) => {
  expect(look(...files)).toMatch(/^FREE and BUSY are alike/);
});

test.each<[string, string]>([
  ['records that say which they are', `const FREE = { n: 0 }; const BUSY = { n: 1 };\n${asks}`],
  ['numbers', `const FREE = 1; const BUSY = 1;\n${asks}`],
  ['one frozen and one not', `const FREE = Object.freeze({}); const BUSY = {};\n${asks}`],
  [
    'tables that nobody compares',
    'const A = [1]; const B = [1]; function f(i) { return A[i] === B[i]; }',
  ],
])('told apart are %s', (_, code) => {
  expect(look(code)).toBeNull();
});

test('no design of the repository has such constants', () => {
  const root = join(import.meta.dirname, '../../../strategies');
  const files = ['.', 'canaries', 'runtimes'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.ts') && !file.includes('config'))
      .map((file) => join(root, folder, file)),
  );
  expect(files.map((file) => look(readFileSync(file, 'utf8'))).filter((l) => l !== null)).toEqual(
    [],
  );
  expect(files.length).toBeGreaterThan(25);
});
