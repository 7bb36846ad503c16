// `check --seconds` of a candidate: its process and who judges have a clock each. One says when the search is over, and an honest
// candidate is not said to have changed the machine because the other looked at its clock a moment later.
import { eraOf } from '@lastref/kernel';
import { DEFAULT_BOUND } from '@lastref/search';
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { check } from '../src/check/check.ts';
import type { House } from '../src/house.ts';
import { Isolate, type Stage } from '../src/isolate.ts';
import { hearsStop, saysStop } from '../src/tape/clock.ts';
import { putFault } from '../src/tape/faults.ts';
import { Broken } from '../src/candidates/rules.ts';
import { Books, designOf } from './taped.ts';

const words = (
  ...said: readonly ((tape: { put(word: number): void }) => unknown)[]
): (() => number) => {
  const all: number[] = [];
  for (const one of said) one({ put: (word) => void all.push(word) });
  return () => all.shift()!;
};

test('who judges stops where the process did, whatever its own clock says', () => {
  const late = [-2, -0.1, 0.2];
  const next = words(
    ...late.map((one) => (tape: { put(word: number): void }) => saysStop(tape, one)),
  );
  const heard = [-3, 5, -1].map((one) => hearsStop({ next }, one));
  expect(heard).toEqual([false, false, true]);
});

test('a process that never stops is stopped, and one that says something else is said to', () => {
  const goesOn = words((tape) => saysStop(tape, -1));
  expect(() => hearsStop({ next: goesOn }, 61)).toThrow('goes on, though its time is over');
  expect(() => hearsStop({ next: () => 3 }, 0)).toThrow('its search is looked at here');
  const broke = words((tape) => putFault(tape, new Broken('', 'it broke', 'throws')));
  expect(() => hearsStop({ next: broke }, 0)).toThrow('it broke');
});

test('a search asks where its time is over, and stops there', async () => {
  const late: number[] = [];
  const stage: Stage = {
    load: () => Promise.reject(new Error()),
    begins: () => {},
    answered: () => {},
    broke: () => {},
    rehearses: false,
    stops: (seconds) => late.push(seconds) >= 2,
  };
  const ask = {
    candidates: [],
    design: 'mine',
    workload: 'nfs-odirect',
    era: '3.8',
    scopes: [DEFAULT_BOUND] as const,
    reduction: true,
    property: undefined,
    threads: 1,
    limit: 1000,
  };
  const design = designOf((services) => new Books(services));
  const isolate = new Isolate({} as House, stage);
  const subject = {
    design,
    foreign: true,
    workload: workloadCalled('nfs-odirect')!,
    era: eraOf('3.8')!,
  };
  const { doc } = await check(isolate, subject, ask);
  expect(doc.result).toBe('bound-reached');
  expect(doc.states).toBeLessThan(600);
  expect(late.every((seconds) => seconds < -900)).toBe(true);
});
