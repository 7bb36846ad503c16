// Where there are many states, depth may be long in coming to what one run in a thousand shows; and what was not found by
// breadth is told without the steps that nothing depends on.
import { FaultStep, FaultVerb, eraOf, type Design } from '@lastref/kernel';
import { Prng, miniature, traceLength, workloadCalled } from '@lastref/workloads';
import { expect, test, vi } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as pagePool } from '../../../strategies/page-pool.ts';
import { design as pageLru } from '../../../strategies/page-lru.ts';
import { design as stable } from '../../../strategies/stable-pages.ts';
import { byChance, oneRun } from '../src/exhaustive/by-chance.ts';
import { DepthFirst } from '../src/exhaustive/depth-first.ts';
import { Player } from '../src/exhaustive/player.ts';
import { shortened } from '../src/exhaustive/shortened.ts';
import { Cell, DEFAULT_BOUND, SPEND_MAX, Start, explore, type CellInput } from '../src/index.ts';
import { inputOf } from './cells.ts';

const bound = DEFAULT_BOUND;

function twoOf(design: Design, workload: string): CellInput {
  return { ...inputOf(design, workload), workload: miniature(workloadCalled(workload)!, 2) };
}

function startOf(input: CellInput): Start {
  return new Start(input, true, true);
}

function playerOf(start: Start): Player {
  return new Player(start, { bound }, null);
}

const goOn = (): boolean => false;

test('runs by chance show what depth has not come to in sixteen times as many states as they take steps', () => {
  const input = twoOf(stable, 'nfs-buffered');
  const start = startOf(input);
  const some = byChance({ bound }, playerOf(start), goOn)!;
  const { trace } = new Player(start, { bound }, null).runOf(some)!;
  expect(new Cell(input).play(trace).judgement.verdicts.early).toBe('refuted');
  expect(byChance({ bound }, playerOf(startOf(input)), goOn)).toEqual(some); // the same each time
  expect(new DepthFirst({ bound }, startOf(input)).search(16 * some.steps)).toBeNull();
});

test('where nothing is wrong they end, and whoever says stop is asked now and then', () => {
  const start = startOf(inputOf(ian, 'sendfile-locked'));
  let asked = 0;
  expect(byChance({ bound }, playerOf(start), () => ++asked === 3)).toBeNull();
  expect(asked).toBe(3);
  let all = 0;
  expect(byChance({ bound }, playerOf(start), () => ++all < 0)).toBeNull();
  expect(all).toBeGreaterThan(10);
  expect(all).toBeLessThan(1000); // of ten thousands of runs
});

test('they have no more steps than a run may take, and none of them only arms another', () => {
  const start = startOf(twoOf(stable, 'nfs-buffered'));
  for (let steps = 13; steps < 20; steps++)
    expect(
      byChance({ bound: { ...bound, steps } }, playerOf(start), goOn)?.steps,
    ).toBeLessThanOrEqual(steps);
  const { path } = byChance({ bound: { ...bound, failures: 2 } }, playerOf(start), goOn)!;
  const { sources } = start.machine().k.agenda;
  const faults = path.filter(({ place }) => sources[place] instanceof FaultStep);
  expect(faults.filter(({ verb }) => verb !== FaultVerb.RUN_QUEUE)).toEqual([]);
});

test('of a run that depth found no step is told that it could do without', () => {
  const input = inputOf(pageLru, 'failover');
  const few = { ...bound, states: 300 }; // breadth needs more
  const byDepth = new DepthFirst({ bound: few }, startOf(input)).search(few.states)!;
  const told = explore(input, { bound: few });
  expect([told.result, told.finding?.property, told.shortest]).toEqual(['refuted', 'lost', false]);
  expect(told.steps).toBeLessThan(byDepth.steps);
  const { judgement } = new Cell(input).play(told.trace!);
  expect(judgement.verdicts.lost).toBe('refuted');
  expect(traceLength(told.trace!)).toBeGreaterThanOrEqual(told.steps);
});

test('where something may fail, some runs have a failure; and what they find is told where breadth comes to nothing', () => {
  const input = { ...twoOf(pagePool, 'splice-proxy'), era: eraOf('6.1.192')! };
  const start = startOf(input);
  const failing = { ...bound, states: 100, failures: 1 };
  const player = new Player(start, { bound: failing }, null);
  const some = byChance({ bound: failing }, player, goOn)!;
  expect(some.path.filter(({ arms }) => arms.length > 0)).toHaveLength(1);
  expect(some.steps).toBe(some.path.length + 1);
  expect(player.runOf(some)?.finding.text).toBe(some.finding.text);
  const told = explore(input, { bound: failing, first: 50 });
  expect([told.result, told.finding?.property]).toEqual(['refuted', some.finding.property]);
  expect([told.shortest, told.steps <= some.steps]).toEqual([false, true]);
});

test('what may fail does so in one step of sixteen, in every way that there is', () => {
  const failing = { ...bound, failures: SPEND_MAX };
  const start = startOf(inputOf(ian, 'sendfile-locked'));
  const player = new Player(start, { bound: failing }, null);
  const take = vi.spyOn(player, 'take');
  const prng = new Prng(1);
  for (let runs = 0; runs < 150; runs++) oneRun(player, { bound: failing }, prng);
  const arms = take.mock.calls.map(([, edge]) => edge.arms);
  const failed = arms.filter((one) => one.length > 0);
  expect(failed.every((one) => one.length === 1)).toBe(true);
  expect(new Set(failed.map(([arm]) => arm!.verb)).size).toBe(4);
  expect(arms.length).toBeGreaterThan(1000);
  expect(failed.length / arms.length).toBeGreaterThan(1 / 24);
  expect(failed.length / arms.length).toBeLessThan(1 / 11);
});

test('a run that can do without none of its steps is not made shorter', () => {
  const start = startOf(inputOf(pageLru, 'failover'));
  const player = playerOf(start);
  const run = player.runOf(byChance({ bound }, player, goOn)!)!;
  const short = shortened(start, run)!;
  expect([short.steps < run.steps, short.finding.property]).toEqual([true, run.finding.property]);
  const { judgement } = new Cell(inputOf(pageLru, 'failover')).play(short.trace);
  expect(judgement.verdicts[short.finding.property]).toBe('refuted');
  expect(shortened(start, short)).toBeNull();
});

test('a search that has visited as many states as it may looks no further, by chance neither', () => {
  const input = twoOf(stable, 'nfs-buffered');
  const search = (states: number) => explore(input, { bound: { ...bound, states }, first: 40 });
  const results = [40, 41, 42].map((states) => search(states).result); // depth leaves the 41st as it is met
  expect(results).toEqual(['bound-reached', 'bound-reached', 'refuted']);
});
