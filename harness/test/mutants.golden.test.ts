// Mutants of every design and of every operation, as a golden file: which of them the runs tell from the original,
// and by what. The search is a test of the judge and of the stories as much as of the designs.
import {
  hookLines,
  mutantRates,
  mutantsSchema,
  operationLines,
  type MutantsDocument,
} from '@lastref/report';
import { readFileSync } from 'node:fs';
import { describe, expect, test, beforeAll } from 'vitest';
import { printed } from './house/reference.ts';
import { LONG } from '../../scripts/tier.ts';

const golden = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;

/** The calls of an operation are the same under every design, but for its own. */
const UNDER = ['ian-frag-destructor', 'page-foreign'];
const TABLE = golden('results/verdicts/mutants.txt');

const mutants = (...args: string[]): MutantsDocument =>
  mutantsSchema.parse(JSON.parse(printed('mutants', '--era', '3.18', ...args, '--json')));

/** Of each design: its runs, its hooks, its operations. */
function tables({ designs }: MutantsDocument): string[] {
  const runs = designs.map(
    (d) =>
      `${d.design.padEnd(28)}${d.runs} runs; told at a wrong moment in ${d.refuted} of ${d.cells} cells`,
  );
  return [runs, designs.flatMap(hookLines), designs.flatMap(operationLines)].map((lines) =>
    lines.join('\n'),
  );
}

test.skipIf(LONG)('mutants of the hooks of a design are those of the committed table', () => {
  const committed = readFileSync(TABLE, 'utf8');
  const doc = mutants('--designs', 'ian-frag-destructor');
  const [runs, hooks] = tables(doc);
  for (const line of `${runs}\n${hooks}`.split('\n')) expect(committed).toContain(line);
  expect(doc.rates.hooks.killed).toBeGreaterThan(10);
});

describe.runIf(LONG)('mutants', () => {
  let doc: MutantsDocument;

  beforeAll(() => {
    doc = mutants('--operations', UNDER.join());
  }, 600_000);

  test('the table', async () => {
    const text = `${[mutantRates(doc), ...tables(doc)].join('\n\n')}\n`;
    await expect(text).toMatchFileSnapshot(TABLE);
  });

  test('of the designs that are right nearly everywhere, and of the operations, none survives that costs no more', () => {
    const right = doc.designs.filter((d) => 8 * d.refuted <= d.cells);
    for (const id of ['ian-frag-destructor', 'msg-zerocopy', 'copy-always'])
      expect(right.map((d) => d.design)).toContain(id);
    const survivors = right.flatMap((d) =>
      d.hooks
        .filter((m) => m.verdict === 'survived')
        .map((m) => `${d.design} ${m.hook} ${m.change}`),
    );
    // nothing but the cost is worse: a packet and a notification for each call; copies, of which a notification says so or says nothing
    expect(survivors).toEqual([
      'msg-zerocopy begins removed',
      'msg-zerocopy orphanFragsRx called where orphanFrags is',
      'send-zc-fixed orphanFragsRx called where orphanFrags is',
    ]);
    expect(doc.designs.filter((d) => d.operations.length > 0).map((d) => d.design)).toEqual(UNDER);
    expect(doc.rates.hooks.killed).toBeGreaterThan(150);
    expect(doc.rates.operations.survived).toBe(0);
    expect(doc.rates.operations.killed).toBeGreaterThan(1000);
  });

  test('no design is judged better than what it was made of', () => {
    const better = doc.designs.flatMap((d) =>
      d.hooks.filter((m) => m.better > 0).map((m) => `${d.design}: ${m.hook} ${m.change}`),
    );
    // the story in-place-writer has a kernel whose helpers forget the mark at the site that it is told of, and not behind it
    expect(better).toEqual(['shared-frag-marker: adopt told of the site behind']);
  });
});
