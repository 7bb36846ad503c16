// What docs/reading.md says of the properties is what their cards say.
import { readFileSync } from 'node:fs';
import { propertyTable } from '@lastref/report';
import { expect, test } from 'vitest';

const PAGE = new URL('../../docs/reading.md', import.meta.url).pathname;
const BLOCK = /<!-- properties -->[\s\S]*?<!-- \/properties -->/;

test('the table of properties in docs/reading.md follows from the cards', async () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toMatch(BLOCK);
  const block = `<!-- properties -->\n\n${propertyTable()}\n\n<!-- /properties -->`;
  await expect(page.replace(BLOCK, () => block)).toMatchFileSnapshot(PAGE);
});
