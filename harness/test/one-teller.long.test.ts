// Judge, replay and story have one opinion of who can read, in every finding of the reference comparison.
import { DEFAULT_ERA, eraOf } from '@lastref/kernel';
import { allDesigns } from '@lastref/runner';
import { WORKLOADS } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { tellAll } from './one-teller.ts';

describe('every finding of every design', () => {
  test.each(WORKLOADS)('on $id', { timeout: 3_600_000 }, async (workload) => {
    const era = eraOf(DEFAULT_ERA)!;
    for (const { design } of await allDesigns())
      expect(tellAll({ design, workload, era, seed: 1 }, Infinity).hidden).toEqual([]);
  });
});
