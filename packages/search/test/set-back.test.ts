// A machine that is set back and used again, in place of a new one: what its judge found in the last run is forgotten.
import { GetPutPage, eraOf, type Design } from '@lastref/kernel';
import { Prng, workloadCalled } from '@lastref/workloads';
import { expect, test, vi } from 'vitest';
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

test('a run at random takes each step that it draws', () => {
  const workload = workloadCalled('bulk-loss~2')!;
  const input = { design, workload, era: eraOf('3.8')!, seed: 1 };
  for (const seed of [1, 2, 3, 4]) {
    const cell = new Start(input, false, false).machine();
    const taken = vi.spyOn(cell, 'take');
    randomRun(cell, DEFAULT_BOUND, new Prng(seed));
    expect(taken.mock.results.length).toBeGreaterThan(20);
    expect(taken.mock.results.map((one) => one.value as boolean)).not.toContain(false);
  }
});

test('a machine whose design remembers beside all fields does not come back, and any other does', () => {
  let lent = 0;
  class Remembers extends GetPutPage {
    private readonly order: number[] = [];

    override lend(...of: Parameters<GetPutPage['lend']>): void {
      super.lend(...of);
      this.order.push(lent++);
    }
  }
  const remembers: Design = { ...design, id: 'remembers', create: (k) => new Remembers(k) };
  const back = (of: Design, reuse: boolean): boolean => {
    const workload = workloadCalled('bulk-loss~2')!;
    const start = new Start({ design: of, workload, era: eraOf('3.8')!, seed: 1 }, false, reuse);
    const { sources } = start.machine().k.agenda;
    const { place } = sources.find(({ name }) => name === 'bulk submit')!;
    return start.comesBack([{ place, verb: 0, item: sources[place]!.item() }]);
  };
  expect([back(remembers, true), back(design, true)]).toEqual([false, true]);
  expect(back(remembers, false)).toBe(true); // nothing is come back to
});
