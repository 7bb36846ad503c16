// What a field of a design is called changes nothing that a search finds: every field of every design, under every
// name that was ever dangerous.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  NAMES,
  SEARCHES,
  allFields,
  allParts,
  designIn,
  outcomeOf,
  renamed,
  type Field,
  type Outcome,
  type Parts,
} from './renamed.ts';

let fields: readonly Field[];
let parts: readonly Parts[];

beforeAll(async () => {
  fields = allFields();
  parts = await allParts();
});

/** What the searches find in the design. */
async function outcomes(file: string, changed: ReadonlyMap<string, string>): Promise<Outcome[]> {
  const design = await designIn(file, changed);
  return SEARCHES.map(([workload, limits]) => outcomeOf(design, workload, limits));
}

describe.each(NAMES)('every field called %s', (to) => {
  test('leaves every design what it is', async () => {
    let compared = 0;
    for (const { id, file, files } of parts) {
      const own = fields.filter((field) => files.includes(field.file));
      if (own.length === 0) continue;
      const before = await outcomes(file, new Map());
      for (const field of own) {
        const told = `${id}: ${field.owner}.${field.name} called ${to}`;
        expect(await outcomes(file, renamed(field, to)), told).toEqual(before);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(fields.length);
  });
});
