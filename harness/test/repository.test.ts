import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sample } from '../../scripts/tier.ts';
import { lastref } from './run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

const skipped = new Set(['.git', 'node_modules', 'dist', 'coverage', 'data', 'pnpm-lock.yaml']);

function* textFiles(dir = ''): Generator<string> {
  for (const entry of readdirSync(root + dir, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = dir + entry.name;
    if (entry.isDirectory()) yield* textFiles(`${path}/`);
    else if (/(^|\/)[^.]*$|\.(ts|mjs|json|ya?ml|md|txt|svg)$/.test(path)) yield path;
  }
}

test('the lock file names no host', () => {
  expect(read('pnpm-lock.yaml')).not.toMatch(/https?:|tarball:/);
});

test('every version in the catalog is exact', () => {
  const catalog = /^catalog:\n((?: {2}.*\n)+)/m.exec(read('pnpm-workspace.yaml'))?.[1] ?? '';
  const versions = catalog.trimEnd().split('\n');
  expect(versions.length).toBeGreaterThan(5);
  for (const line of versions) expect(line).toMatch(/^ {2}\S+: \d+\.\d+\.\d+$/);
});

test('packages take their versions from the catalog or the workspace', () => {
  for (const path of textFiles()) {
    if (!path.endsWith('package.json')) continue;
    const { dependencies, devDependencies } = JSON.parse(read(path)) as Record<string, object>;
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version, path).toMatch(/^(catalog:|workspace:\*)$/);
  }
});

test('no file names a directory of the machine it was written on', () => {
  const personal = /(?<![\w.-])\/(?:home|Users|root)\/\w|[A-Z]:\\Users\\/;
  const found = [...textFiles()].filter((path) => personal.test(read(path)));
  expect(found).toEqual([]);
});

test('what was learned was found: the tokens of README.md show what their sentences say', () => {
  const learned = /<!-- learned -->([\s\S]*?)<!-- \/learned -->/.exec(read('README.md'))![1]!;
  const tokens = [...learned.matchAll(/lastref replay (\S+)`/g)].map((m) => m[1]!);
  expect(tokens).toHaveLength(10);
  for (const token of sample(tokens, 3)) {
    const { stdout, code } = lastref('replay', token);
    expect(code).toBe(0);
    expect(stdout, token).toMatch(/^(Found|Beside that) at step/m);
    expect(stdout, token).not.toContain('another version');
  }
});

test('what was learned of a design where it was not made for says so', () => {
  const learned = /<!-- learned -->([\s\S]*?)<!-- \/learned -->/.exec(read('README.md'))![1]!;
  const { rows } = JSON.parse(read('results/compare.json')) as {
    rows: { design: string; workload: string; domain: boolean }[];
  };
  const outside = rows.filter((r) => !r.domain).map((r) => `.${r.design}.${r.workload}.`);
  const sentences = [...learned.matchAll(/^\d+\. (.*)\n.*lastref replay (\S+)`/gm)];
  expect(sentences).toHaveLength(10);
  const silent = sentences.filter(
    ([, text, token]) =>
      outside.some((cell) => token!.includes(cell)) && !text!.includes('not made for'),
  );
  expect(silent).toEqual([]);
});

test('there is one version, and changes are written down for it', () => {
  const versions = [...textFiles()]
    .filter((path) => /^(packages\/[^/]+|harness|strategies)\/package\.json$/.test(path))
    .map((path) => (JSON.parse(read(path)) as { version: string }).version);
  expect(new Set(versions).size).toBe(1);
  const { fixed } = JSON.parse(read('.changeset/config.json')) as { fixed: string[][] };
  expect(fixed).toEqual([['@lastref/*']]);
  for (const file of readdirSync(`${root}.changeset`).filter((name) => name.endsWith('.md')))
    expect(read(`.changeset/${file}`)).toMatch(
      /^---\n'@lastref\/[a-z]+': (patch|minor|major)\n---\n\n\S/,
    );
});
