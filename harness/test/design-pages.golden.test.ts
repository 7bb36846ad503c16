// docs/designs/ says what the cards say.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { designIndex, designPage } from './house/design-page.ts';
import { allDesigns } from '@lastref/runner';

const dir = fileURLToPath(new URL('../../docs/designs/', import.meta.url));
const designs = (await allDesigns()).map((d) => d.design);

test.each(designs)('the page of $id', async (design) => {
  await expect(designPage(design, designs)).toMatchFileSnapshot(`${dir}${design.id}.md`);
});

test('the table of contents, and no page of a design that is gone', async () => {
  await expect(designIndex(designs)).toMatchFileSnapshot(`${dir}README.md`);
  const pages = readdirSync(dir).filter((f) => f !== 'README.md');
  const known = designs.map((d) => `${d.id}.md`);
  expect(pages.filter((page) => !known.includes(page))).toEqual([]);
});
