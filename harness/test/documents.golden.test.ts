// Golden files of the reference comparison: verdicts and exact counts. A change shows as a diff to be reviewed.
import { readFileSync } from 'node:fs';
import {
  SCHEMAS,
  compareSchema,
  headline,
  refutations,
  type CompareDocument,
} from '@lastref/report';
import { withoutVersions } from '@lastref/runner';
import { expect, test, beforeAll } from 'vitest';
import { z } from 'zod';
import { printed } from './house/reference.ts';

const golden = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
let doc: CompareDocument;

beforeAll(() => {
  // With an option, or the committed reference would be what this run has just written.
  doc = compareSchema.parse(JSON.parse(printed('compare', '--era', 'own', '--json')));
}, 600_000);

const column = (text: string, width: number): string => text.padEnd(width);

test('verdicts of every design on every workload', async () => {
  const lines = doc.rows.map(
    (r) =>
      `${column(r.design, 28)}${column(r.era, 17)}${column(r.workload, 23)}${column(headline(r), 12)}${refutations(r)}`,
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden('results/verdicts/compare.txt'));
});

test('costs of every design on every workload, in exact counts', async () => {
  const lines = doc.rows.flatMap((r) =>
    (['lent', 'ordinary'] as const)
      .filter((side) => r.costs[side].segments > 0)
      .map((side) => {
        const { segments, total } = r.costs[side];
        const counts = Object.entries(total).map(([k, n]) => `${k}=${n}`);
        return `${r.design} ${r.era} ${r.workload} ${side} segments=${segments} ${counts.join(' ')}`;
      }),
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden('results/verdicts/costs.txt'));
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
  // by which command and commit may differ
  const said = (text: string): object => {
    const { made: _, ...content } = JSON.parse(withoutVersions(text)) as { made?: unknown };
    return content;
  };
  expect(said(committed)).toEqual(said(JSON.stringify(doc)));
});
