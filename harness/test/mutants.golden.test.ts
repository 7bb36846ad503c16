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
        .map(
          (d) =>
            `${d.design.padEnd(22)}${d.runs} runs; told at a wrong moment in ${d.refuted} of ${d.cells} cells`,
        )
        .join('\n'),
      doc.designs.flatMap(hookLines).join('\n'),
      doc.designs.flatMap(operationLines).join('\n'),
    ];
    const text = `${parts.join('\n\n')}\n`;
    await expect(text).toMatchFileSnapshot(golden('results/verdicts/mutants.txt'));
  });

  test('of designs that keep the operations, and of the operations, none survives', () => {
    const right = doc.designs.filter((d) => d.operations.length > 0);
    for (const id of ['ian-frag-destructor', 'msg-zerocopy', 'copy-always'])
      expect(right.map((d) => d.design)).toContain(id);
    expect(right.flatMap((d) => d.hooks.filter((m) => m.verdict === 'survived'))).toEqual([]);
    expect(doc.rates.hooks.killed).toBeGreaterThan(150);
    expect(doc.rates.operations.survived).toBe(0);
    expect(doc.rates.operations.killed).toBeGreaterThan(1000);
  });

  test('no design is judged better than what it was made of', () => {
    const better = doc.designs.flatMap((d) => d.hooks.filter((m) => m.better > 0));
    expect(better).toEqual([]);
  });
});
