// Golden files of the reference comparison: verdicts and exact counts. A change shows as a diff to be reviewed.
import { readFileSync } from 'node:fs';
import {
  SCHEMAS,
  compareSchema,
  headline,
  refutations,
  type CompareDocument,
} from '@lastref/report';
import { allDesigns, withoutVersions } from '@lastref/runner';
import { expect, test, beforeAll } from 'vitest';
import { z } from 'zod';
import { LONG, sample } from '../../scripts/tier.ts';
import { printed } from './house/reference.ts';

const golden = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
let doc: CompareDocument;

beforeAll(() => {
  // With an option, or the committed reference would be what this run has just written.
  const some = LONG ? [] : ['--designs', asked.join()];
  doc = compareSchema.parse(JSON.parse(printed('compare', '--era', 'own', ...some, '--json')));
}, 600_000);

const asked = sample(
  (await allDesigns()).map(({ design }) => design.id),
  4,
);

/** Those lines of a committed table that begin with one of these designs. */
function committedLines(file: string): string[] {
  const lines = readFileSync(golden(file), 'utf8').split('\n');
  return lines.filter((line) => asked.includes(line.split(' ', 1)[0]!));
}

const VERDICTS = 'results/verdicts/compare.txt';
const COSTS = 'results/verdicts/costs.txt';

const column = (text: string, width: number): string => text.padEnd(width);

const verdicts = (): string[] =>
  doc.rows.map(
    (r) =>
      `${column(r.design, 28)}${column(r.era, 17)}${column(r.workload, 23)}${column(headline(r), 12)}${refutations(r)}`,
  );

const costs = (): string[] =>
  doc.rows.flatMap((r) =>
    (['lent', 'ordinary'] as const)
      .filter((side) => r.costs[side].segments > 0)
      .map((side) => {
        const { segments, total } = r.costs[side];
        const counts = Object.entries(total).map(([k, n]) => `${k}=${n}`);
        return `${r.design} ${r.era} ${r.workload} ${side} segments=${segments} ${counts.join(' ')}`;
      }),
  );

const TABLES = [
  ['verdicts', VERDICTS, verdicts],
  ['costs, in exact counts,', COSTS, costs],
] as const;

test.runIf(LONG).each(TABLES)('%s of every design on every workload', async (_, file, lines) => {
  await expect(`${lines().join('\n')}\n`).toMatchFileSnapshot(golden(file));
});

test.skipIf(LONG).each(TABLES)('%s of some designs on every workload', (_, file, lines) => {
  expect(lines().length).toBeGreaterThan(100);
  expect(lines()).toEqual(committedLines(file));
});

test('the shapes of the documents', async () => {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    const file = `docs/schema/${name.replace('/', '-')}.json`;
    await expect(`${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`).toMatchFileSnapshot(
      golden(file),
    );
  }
});

test('the committed reference comparison is what this version prints', () => {
  const committed = readFileSync(golden('results/compare.json'), 'utf8');
  // by which command and commit may differ; and of a sample what is there of each design
  const said = (text: string): object => {
    const whole = JSON.parse(withoutVersions(text)) as CompareDocument & { made?: unknown };
    const { made: _, ...content } = whole;
    if (LONG) return content;
    return content.rows.filter((row) => asked.includes(row.design));
  };
  expect(said(committed)).toEqual(said(JSON.stringify(doc)));
});
