// The documentation leaves no word unexplained, and no link leads nowhere.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HARMS, PROPERTIES } from '@lastref/judge';
import { PARTY_NAMES } from '@lastref/kernel';
import {
  MATRIX_WORDS,
  claimsSchema,
  compareSchema,
  costTable,
  tellingTable,
} from '@lastref/report';
import { expect, test } from 'vitest';
import { HEAD } from '@lastref/bench';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const reading = read('docs/reading.md').replace(/\s+/g, ' ');

/** The columns of a printed table: what stands above the first design, column by column. */
function columns(table: string): string[] {
  const lines = table.split('\n').filter((l) => l.startsWith('│'));
  const rows = lines.map((l) => l.split('│').slice(1, -1));
  const head = rows.slice(
    0,
    rows.findIndex((r) => r[0]!.trim() !== ''),
  );
  return head[0]!.map((_, i) =>
    head
      .map((r) => r[i]!.trim())
      .join(' ')
      .trim(),
  );
}

const doc = compareSchema.parse(JSON.parse(read('results/compare.json')));

test.each([
  ['properties', PROPERTIES],
  ['harms', HARMS],
  ['who can put a completion off', PARTY_NAMES],
  ['columns of costs', columns(costTable(doc))],
  ['columns of contexts', columns(tellingTable(doc)).map((c) => c.replace(/ (p50|max)$/, ''))],
  ['columns of the benchmark', HEAD],
  ['verdicts on claims', claimsSchema.shape.rows.element.shape.verdict.options],
  ['words of the matrix', MATRIX_WORDS.map((w) => w.word)],
  ['words of mutants', ['killed', 'equivalent', 'survived']],
])('docs/reading.md explains all %s', (_, words) => {
  for (const word of words.filter((w) => w !== '')) expect(reading).toContain(word);
});

const pages = ['README.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true })]
  .map((path) => (path === 'README.md' ? 'README.md' : `docs/${String(path)}`))
  .filter((path, i, all) => path.endsWith('.md') && all.indexOf(path) === i)
  .filter((path) => !path.startsWith('docs/api/'));

const linksOf = (page: string): string[] =>
  [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((m) => m[1]!);

test.each(pages)('the links of %s lead somewhere', (page) => {
  const targets = linksOf(page);
  const broken = targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(ROOT, dirname(page), target)));
  expect(broken).toEqual([]);
});

test('whoever begins with README.md comes to every page', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    if (!page.endsWith('.md')) continue;
    for (const link of linksOf(page))
      if (!/^[a-z]+:/.test(link) && existsSync(join(ROOT, dirname(page), link)))
        reached.add(join(dirname(page), link));
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});
