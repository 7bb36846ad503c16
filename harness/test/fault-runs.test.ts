// kill -9 of a command at a random moment, at its last bytes and at its last name: a sample of `npm run faults`. More of it is
// in fault-runs.long.test.ts.
import { platform } from 'node:os';
import { expect, test } from 'vitest';
import { ordeal, wrongOf } from './house/ordeals.ts';
import { subject } from './house/subjects.ts';

test
  .skipIf(platform() !== 'linux')
  .each([['lab --merge', { seed: 3, moments: 1, operations: 'critical', rest: false }]] as const)(
  '%s that is killed leaves whole files, and the next run goes on',
  async (id, draw) => {
    const outcome = await ordeal(subject(id), draw);
    expect(wrongOf(outcome)).toEqual([]);
    expect(outcome.steps).toBeGreaterThan(10);
    expect(outcome.moments.kills + outcome.operations.kills).toBe(3);
  },
);
