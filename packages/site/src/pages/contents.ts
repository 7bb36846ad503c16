// A list of all that was written, for what the navigation has no room for.
import { escapeHtml } from '@lastref/report';
import type { Page } from './frame.ts';

const PARTS: readonly (readonly [name: string, has: RegExp])[] = [
  ['To read', /^docs\/[^/]+\.html$/],
  ['Results', /^results\/[^/]+\.html$/],
  ['Designs', /^docs\/designs\/(?!index)/],
  ['Bugs of history', /^docs\/bugs\//],
  ['The project', /^[A-Z]+\.html$/],
];

export function contentsPage(pages: readonly Page[]): Page {
  const parts = PARTS.map(([name, has]) => {
    const items = pages
      .filter(({ path }) => has.test(path))
      .sort((a, b) => (a.title < b.title ? -1 : 1))
      .map(({ path, title }) => `<li><a href="${path}">${escapeHtml(title)}</a></li>`);
    return `<h2>${name}</h2>\n<ul class="columns">${items.join('\n')}</ul>`;
  });
  const body = `<h1>All pages</h1>\n${parts.join('\n')}`;
  return { path: 'contents.html', title: 'All pages', body };
}
