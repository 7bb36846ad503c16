// Every command under kill -9 at random moments and at some of its file operations, and under the other faults.
// `npm run faults` does more of it and writes results/faults.md.
import { platform } from 'node:os';
import { describe, expect, test } from 'vitest';
import { ordeal, wrongOf } from './house/ordeals.ts';
import { SUBJECTS } from './house/subjects.ts';

describe.skipIf(platform() !== 'linux')('whatever goes wrong outside', () => {
  test.each(SUBJECTS.map((s) => [s.id, s] as const))(
    'leaves %s whole',
    async (_, subject) => {
      const outcome = await ordeal(subject, { seed: 7, moments: 10, operations: 8, rest: true });
      expect(wrongOf(outcome)).toEqual([]);
    },
    1_200_000,
  );
});
