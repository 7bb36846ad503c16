// Mutants of every design and of every operation, as a golden file: which of them the runs tell from the original,
// and by what. The search is a test of the judge and of the stories as much as of the designs.
import { hookLines, mutantRates, mutantsSchema, operationLines } from '@lastref/report';
import { describe, expect, test } from 'vitest';
import { lastref } from './run-cli.ts';

const golden = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;

describe('mutants', () => {
  const ran = lastref('mutants', '--era', '3.18', '--json');
  const doc = mutantsSchema.parse(JSON.parse(ran.stdout));

  test('the table', async () => {
    const parts = [
      mutantRates(doc),
      doc.designs
        .map((d) => `${d.design.padEnd(22)}${d.right ? 'right' : '-'.padEnd(5)}  ${d.runs} runs`)
        .join('\n'),
      doc.designs.flatMap(hookLines).join('\n'),
      doc.designs.flatMap(operationLines).join('\n'),
    ];
    const text = `${parts.join('\n\n')}\n`;
    await expect(text).toMatchFileSnapshot(golden('results/verdicts/mutants.txt'));
  });

  test('of a design that is right, and of the operations, none survives', () => {
    const { right, operations } = doc.rates;
    expect([right.survived, operations.survived]).toEqual([0, 0]);
    expect(right.killed).toBeGreaterThan(40);
    expect(operations.killed).toBeGreaterThan(1000);
    const ids = doc.designs.filter((d) => d.right).map((d) => d.design);
    for (const id of ['ian-frag-destructor', 'msg-zerocopy', 'copy-always'])
      expect(ids).toContain(id);
  });

  test('none of the others is judged better than what it was made of', () => {
    const better = doc.designs.flatMap((d) => d.hooks.filter((m) => m.better > 0));
    expect(better).toEqual([]);
  });
});
