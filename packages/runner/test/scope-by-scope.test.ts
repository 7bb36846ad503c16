// A check in two threads: another thread searches the scope with more operations, and the answer is that of one thread.
import { eraOf } from '@lastref/kernel';
import { scopesOf, type Bound, type Searched } from '@lastref/search';
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design } from '../../../strategies/ian-frag-destructor.ts';
import { ScopeByScope } from '../src/check/scope-by-scope.ts';
import type { CheckAsk } from '../src/check/index.ts';
import type { House } from '../src/house.ts';
import { Isolate } from '../src/isolate.ts';

const workload = workloadCalled('bulk-loss')!;
const era = eraOf('3.8')!;
/** The first scope has 1126, which is worth another thread, and that with a failure 14 691. */
const STATES = { first: 1200, failures: 15_000 };

/** With a worker that does what `script` says. */
function scopesWith(script: string, threads: number, states = STATES.failures): ScopeByScope {
  const worker = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
  const house: House = { worker, questions: {} };
  const ask: CheckAsk = {
    candidates: [],
    design: design.id,
    workload: workload.id,
    era: era.id,
    scopes: scopesOf({ states }),
    reduction: true,
    property: undefined,
    threads,
    limit: undefined,
  };
  return new ScopeByScope(new Isolate(house), { design, foreign: false, workload, era }, ask);
}

const name = ({ operations, failures }: Bound): string => `${operations}/${failures}`;
const told = (all: readonly Searched[]): string[] =>
  all.map(({ bound, found: { result, states } }) => `${name(bound)} ${result} ${states}`);

/** The other thread's answer: what it was asked, and that it is over, in the words that are shared. */
const answering = (result: string, far: number): string => `
  import { parentPort, workerData } from 'node:worker_threads';
  const [{ far, bound }] = workerData.asks;
  Atomics.store(far, 0, ${far});
  const found = { result: '${result}', states: 1000000 * bound.operations };
  parentPort.postMessage({ answer: { found, passes: [] } });
`;

test('is the answer of one thread where the other one dies', async () => {
  const one = await scopesWith('', 1, STATES.first).search();
  const two = await scopesWith('process.exit(3)', 2, STATES.first).search();
  expect(told(two)).toEqual(told(one));
  expect(told(one)).toEqual([
    '1/0 exhausted 1122',
    '1/1 bound-reached 1201',
    '2/0 bound-reached 1201',
  ]);
});

test('takes what the other thread found of more operations, and goes on to both', async () => {
  const all = await scopesWith(answering('exhausted', 1), 2).search();
  expect(told(all).slice(0, 3)).toEqual([
    '1/0 exhausted 1122',
    '1/1 exhausted 14629',
    '2/0 exhausted 2000000',
  ]);
  expect(told(all)[3]).toMatch(/^2\/1 /);
});

test('ends with what the other thread found, as one thread would have ended there', async () => {
  const all = await scopesWith(answering('refuted', 2), 2, STATES.first).search();
  expect(told(all).at(-1)).toBe('2/0 refuted 2000000');
});

test('with one thread asks nobody', async () => {
  const all = await scopesWith(answering('refuted', 2), 1, STATES.first).search();
  expect(told(all).join()).not.toContain('2000000');
});
