// A machine that is set back and used again, in place of a new one: what its judge found in the last run is forgotten.
import { eraOf } from '@lastref/kernel';
import { Prng, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design } from '../../../strategies/naive-sendpage.ts';
import { DEFAULT_BOUND, Start, randomRun } from '../src/index.ts';

test('runs on one machine find what runs on new machines find, and as often', () => {
  const workload = workloadCalled('bulk-loss~2')!;
  const input = { design, workload, era: eraOf('3.8')!, seed: 1 };
  const found = (start: Start): string[][] =>
    [1, 2, 3, 4, 5, 6].map((seed) =>
      randomRun(start.machine(), DEFAULT_BOUND, new Prng(seed)).judge.everything.map(
        (f) => `${f.property} ${f.harm} ${f.where} in step ${f.step}, ${f.count} times`,
      ),
    );
  const again = found(new Start(input, false, true));
  expect(again).toEqual(found(new Start(input, false, false)));
  expect(again.flat().filter((f) => f.startsWith('corrupt')).length).toBeGreaterThan(3);
});
