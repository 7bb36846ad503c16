// What the kept scans say is what is written: results/sites.md, and a section of docs/omissions.md.
import { readFileSync } from 'node:fs';
import { ROOT } from '@lastref/runner';
import { keptTrees, omissionsText, summaryMarkdown } from '@lastref/sites';
import { expect, test } from 'vitest';

test('the page of results', async () => {
  await expect(summaryMarkdown(keptTrees())).toMatchFileSnapshot(`${ROOT}results/sites.md`);
});

test('the section of what the model leaves out', () => {
  const text = readFileSync(`${ROOT}docs/omissions.md`, 'utf8');
  const part = /<!-- sites -->\n\n([\s\S]*?)\n\n<!-- \/sites -->/.exec(text)?.[1];
  const words = (s: string): string[] => s.split(/[\s|-]+/).filter((w) => w !== '');
  expect(words(part ?? '')).toEqual(words(omissionsText(keptTrees().at(-1)!)));
});
