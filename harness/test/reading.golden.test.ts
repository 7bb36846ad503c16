// What docs/reading.md says of the properties is what their cards say; what it says of the eras, what the machine does.
import { readFileSync } from 'node:fs';
import { CHANGES, ERAS, changesBetween, sinceText } from '@lastref/kernel';
import { propertyTable } from '@lastref/report';
import { expect, test } from 'vitest';
import { withBlock } from './house/blocks.ts';

const PAGE = new URL('../../docs/reading.md', import.meta.url).pathname;

/** One line for each era: what came since the one before it. */
function eraTable(): string {
  const lines = ERAS.map((era, i) => {
    const came = i === 0 ? [] : changesBetween(ERAS[i - 1]!, era);
    const texts = Object.entries(CHANGES)
      .filter(([key]) => came.includes(key))
      .map(([, change]) => `${change.what} (${sinceText(change)})`);
    return `| ${era.id} | ${texts.join('; ')} |`;
  });
  return ['| era | what is new |', '| --- | --- |', ...lines].join('\n');
}

test('the tables of properties and eras in docs/reading.md follow from cards and changes', async () => {
  const page = readFileSync(PAGE, 'utf8');
  const told = withBlock(withBlock(page, 'properties', propertyTable()), 'eras', eraTable());
  await expect(told).toMatchFileSnapshot(PAGE);
});
