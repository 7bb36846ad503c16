// What may come first: a program that only reads takes in now what it would take in later as well, together with what comes
// meanwhile. Nothing shows which of the two it was.
import { Spend, eraOf, type Agenda } from '@lastref/kernel';
import { Prng, miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import {
  DEFAULT_BOUND,
  MachineFingerprint,
  Start,
  explore,
  possible,
  type Cell,
  type CellInput,
  type Choice,
} from '../src/index.ts';

const inputOf = (workload: string, era: string): CellInput => ({
  design: ian,
  workload: miniature(workloadCalled(workload)!, 2),
  era: eraOf(era)!,
  seed: 1,
});

const firstOf = ({ sources }: Agenda): number[] =>
  [...sources.keys()].filter((place) => sources[place]!.mayComeFirst !== undefined);

const mayComeFirst = ({ k }: Cell, place: number): boolean =>
  k.agenda.isArmed(place) && k.agenda.sources[place]!.mayComeFirst!(DEFAULT_BOUND.steps);

function printOf(cell: Cell): string {
  const print = new MachineFingerprint();
  print.of(cell, 0);
  return `${print.hi} ${print.lo}`;
}

/** Steps at random behind `way`, none of which is taken at `left`. */
function stepsBehind(start: Start, way: readonly Choice[], left: number, prng: Prng): Choice[] {
  const cell = play(start, way);
  const steps: Choice[] = [];
  for (let n = 0; n < 8; n++) {
    const open = possible(cell.k.agenda, false).filter(
      ({ place, spend }) => place !== left && spend !== Spend.TEARDOWN,
    );
    if (open.length === 0) break;
    const step = open[prng.below(open.length)]!;
    if (cell.take(step.place, step.verb, step.item)) steps.push(step);
  }
  return steps;
}

function play(start: Start, way: readonly Choice[]): Cell {
  const cell = start.machine();
  for (const { place, verb, item } of way) cell.take(place, verb, item);
  return cell;
}

/** The state behind `steps`, at the end of which `place` reads; `first`: it reads as soon as it may. */
function behind(
  start: Start,
  way: readonly Choice[],
  steps: readonly Choice[],
  place: number,
  first: boolean,
): string {
  const cell = play(start, way);
  const read = (): void => void cell.take(place, 0, 0);
  const readAtOnce = (): void => {
    while (first && mayComeFirst(cell, place)) read();
  };
  readAtOnce();
  for (const { place: at, verb, item } of steps) {
    expect(cell.take(at, verb, item)).toBe(true);
    readAtOnce();
  }
  while (cell.k.agenda.isArmed(place)) read();
  return printOf(cell);
}

test.each([
  ['bulk-loss', '2.6.24'],
  ['bulk-loss', '3.8'],
  ['sendfile-locked', '3.18'],
  ['reset-midway', '3.8'],
  ['vmsplice', '5.10.223'],
  ['tap-slow-reader', '6.1.192'],
])('%s in %s: reading first and reading last come to the same', (workload, era) => {
  const start = new Start(inputOf(workload, era), false, true);
  let compared = 0;
  for (let seed = 0; seed < 40; seed++) {
    const prng = new Prng(seed);
    const way: Choice[] = [];
    for (let n = 0; n < 40; n++) {
      const cell = play(start, way);
      const open = possible(cell.k.agenda, false);
      if (open.length === 0) break;
      const { place, verb, item } = open[prng.below(open.length)]!;
      for (const at of firstOf(cell.k.agenda)) {
        if (!mayComeFirst(cell, at) || prng.below(3) > 0) continue;
        const steps = stepsBehind(start, way, at, prng);
        const [soon, late] = [true, false].map((first) => behind(start, way, steps, at, first));
        expect(soon, `seed ${seed}, behind ${n} steps`).toBe(late);
        compared++;
      }
      way.push({ place, verb, item });
    }
  }
  expect(compared).toBeGreaterThan(50);
});

test('a search that asks whether there is anything reads first, and finds what one finds that does not', () => {
  const input = {
    ...inputOf('bulk-loss', '3.8'),
    workload: miniature(workloadCalled('bulk-loss')!, 1),
  };
  const bound = { ...DEFAULT_BOUND, retransmissions: 0, drops: 0 };
  const [less, all] = [true, false].map((reduction) => explore(input, { bound, reduction }));
  expect([less!.result, [...less!.exercised].sort()]).toEqual([
    all!.result,
    [...all!.exercised].sort(),
  ]);
  expect(20 * less!.states).toBeLessThan(all!.states);
});
