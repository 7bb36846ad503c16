// Judge, replay and story have one opinion of who can read: a finding in a place shows that place among the readers
// of its step. A sample; all of the reference comparison is in one-teller.long.test.ts.
import { DEFAULT_ERA, eraOf } from '@lastref/kernel';
import { allDesigns } from '@lastref/runner';
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { tellAll } from './one-teller.ts';

const SAMPLE = [
  ['naive-sendpage', 'splice-proxy'],
  ['tcp-ack-callback', 'splice-proxy'],
  ['tcp-ack-callback', 'tap-slow-reader'],
  ['naive-sendpage', 'loopback-slow-reader'],
] as const;

test.each(SAMPLE)('%s on %s', async (id, workload) => {
  const design = (await allDesigns()).map((f) => f.design).find((d) => d.id === id)!;
  const era = eraOf(DEFAULT_ERA)!;
  const told = tellAll({ design, workload: workloadCalled(workload)!, era, seed: 1 }, 5_000);
  expect(told.hidden).toEqual([]);
  expect(told.findings).toBeGreaterThan(0);
});
