// What scripts measured of this repository and what is kept of it: its shape, and that its figures agree with one another.
import { readFileSync } from 'node:fs';
import { digestOfDocument } from '@lastref/runner';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { MEASUREMENTS, mutationSchema } from './house/measurements.ts';

const path = (name: string): string => new URL(`../../${name}`, import.meta.url).pathname;
const kept = (name: string): unknown => JSON.parse(readFileSync(path(`results/${name}`), 'utf8'));

test.each(Object.entries(MEASUREMENTS))('%s is as its schema says', async (name, schema) => {
  const raw = kept(name);
  const doc = schema.strict().parse(raw);
  const { digest, ...content } = raw as Record<string, unknown>;
  expect(digest).toBe(digestOfDocument(content));
  const file = `docs/schema/${doc.schema.replace('/', '-')}.json`;
  await expect(`${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`).toMatchFileSnapshot(
    path(file),
  );
});

test('of the mutants that were drawn each is counted once, and a score is of those that were tried', () => {
  for (const row of mutationSchema.parse(kept('mutation.json')).rows) {
    const { drawn, killed, survived, uncovered, equivalent, disabled, survivors, score } = row;
    expect(killed + survived + equivalent.length + row.static + disabled, row.group).toBe(drawn);
    expect(survivors).toHaveLength(survived);
    expect(survivors.filter((m) => m.status === 'NoCoverage')).toHaveLength(uncovered);
    expect(score).toBe(Math.round((1000 * killed) / (killed + survived)) / 10);
    expect(disabled, 'disabled mutants').toBeLessThanOrEqual(0.03 * drawn);
    for (const one of equivalent) expect(one.reason, one.code).toMatch(/\w{3}/);
  }
});
