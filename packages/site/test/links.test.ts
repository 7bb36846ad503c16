// Whoever follows links through the site never comes to nothing.
import { posix } from 'node:path';
import { readFileSync, readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { matrixOperations } from '@lastref/operations';
import { ROOT, decodeToken } from '@lastref/runner';
import { learned, siteFiles, type Files } from '../src/index.ts';
import { rendered, slugOf } from '../src/pages/markdown.ts';

let files: Files;

beforeAll(async () => {
  files = await siteFiles();
}, 240_000);

const pages = (): [path: string, html: string][] =>
  [...files]
    .filter(([path]) => path.endsWith('.html') && path !== 'results/report.html')
    .map(([path, data]) => [path, String(data)]);

/** What a page leads to, as the browser would resolve it: a path and a part of it. */
function linksOf(path: string, html: string): { readonly to: string; readonly part: string }[] {
  const text = html.replace(/<pre[\s\S]*?<\/pre>/g, '').replace(/<script>[\s\S]*?<\/script>/g, '');
  return [...text.matchAll(/\b(?:href|src|srcset)="([^"]*)"/g)]
    .map(([, href]) => href!.replaceAll('&amp;', '&'))
    .filter((href) => !/^[a-z]+:/.test(href))
    .map((href) => {
      const [to, part = ''] = href.split('#') as [string, string?];
      return { to: to === '' ? path : posix.join(posix.dirname(path), to), part };
    });
}

test('every link leads to a page of the site, and to a heading that it has', () => {
  const broken = pages().flatMap(([path, html]) =>
    linksOf(path, html).flatMap(({ to, part }) => {
      const target = files.get(decodeURIComponent(to));
      if (target === undefined) return [`${path}: ${to} is not there`];
      const named = part === '' || part.includes('=') || String(target).includes(`id="${part}"`);
      return named ? [] : [`${path}: ${to} has no '${part}'`];
    }),
  );
  expect(broken).toEqual([]);
});

test('every page can be reached from the first', () => {
  const all = new Map(pages());
  const seen = new Set(['index.html']);
  for (const path of seen)
    for (const { to } of linksOf(path, all.get(path) ?? '')) if (all.has(to)) seen.add(to);
  const lost = [...all.keys()].filter((path) => !seen.has(path) && path !== 'frame.html');
  expect(lost).toEqual([]);
});

test('there is a page for each design, bug and operation', () => {
  const named = (folder: string): string[] =>
    readdirSync(`${ROOT}${folder}`)
      .filter((f) => f.endsWith('.md') && f !== 'README.md')
      .map((f) => `${folder}/${f.replace(/md$/, 'html')}`);
  const wanted = [...named('docs/designs'), ...named('docs/bugs')];
  expect(wanted.length).toBeGreaterThan(40);
  expect(wanted.filter((path) => !files.has(path))).toEqual([]);
  const operations = [...files.keys()].filter((path) => path.startsWith('operations/'));
  expect(operations).toHaveLength(matrixOperations().length + 1);
});

test('ten sentences were learned, and each has a story to play', () => {
  const all = learned(readFileSync(`${ROOT}README.md`, 'utf8'));
  expect(all).toHaveLength(10);
  const front = String(files.get('index.html'));
  for (const { token } of all) {
    expect(() => decodeToken(token)).not.toThrow();
    expect(front).toContain(`#design=${token.split('.')[1]}&t=${token}`);
  }
});

test('no page asks another server for anything', () => {
  const foreign = pages().flatMap(([path, html]) =>
    [
      ...html.matchAll(
        /<(?:script|img|link|iframe|source)\b[^>]*(?:src|href|srcset)="(https?:[^"]*)"/g,
      ),
    ].map(([, to]) => `${path}: ${to}`),
  );
  expect(foreign).toEqual([]);
});

test('headings are named as in the repository, and links are led along', () => {
  expect(slugOf('What `lastref` is, and is not')).toBe('what-lastref-is-and-is-not');
  const { title, html } = rendered('# A *b*\n\n[c](d.md#e)\n\n## A b\n', (href) => `x/${href}`);
  expect(title).toBe('A b');
  expect(html).toContain('href="x/d.md#e"');
  expect(html).toContain('id="a-b"');
  expect(html).toContain('id="a-b-1"');
});
