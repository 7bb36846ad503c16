// One run at random: as far as the bound goes anything may come next, and behind that the clock has it.
import { Spend } from '@lastref/kernel';
import { Prng } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Row, choicesWithin, spendOf } from '../src/exhaustive/choices.ts';
import { DEFAULT_BOUND, Start, drain, randomRun, type Bound, type Choice } from '../src/index.ts';
import { inputOf } from './cells.ts';

const start = new Start(inputOf(naive, 'bulk-loss'), false, true);
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

/** The steps of a run behind the start. */
function stepsOf(bound: Partial<Bound>, seed: number): readonly Choice[] {
  const cell = start.machine();
  const before = cell.recorder.steps.length;
  randomRun(cell, { ...DEFAULT_BOUND, ...bound }, new Prng(seed));
  return cell.recorder.steps.slice(before).map(({ place, verb, item }) => ({ place, verb, item }));
}

function byTheClock(): readonly Choice[] {
  const taken: Choice[] = [];
  drain(start.machine(), taken);
  return taken;
}

/** What may come behind `list`, in words that can be compared. */
function possibleBehind(list: readonly Choice[]): Set<string> {
  const cell = start.machine();
  for (const { place, verb, item } of list) cell.take(place, verb, item);
  const { rows } = choicesWithin(DEFAULT_BOUND, cell.k.agenda, 0);
  const found = new Set<string>();
  for (let at = 0; at < rows.length; at += Row.WORDS)
    found.add([Row.PLACE, Row.VERB, Row.ITEM].map((word) => rows[at + word]!).join());
  return found;
}

const words = ({ place, verb, item }: Choice): string => `${place},${verb},${item}`;

test('of all that may come next, each comes in some run', () => {
  const [first] = byTheClock();
  const second = SEEDS.map((seed) => stepsOf({ steps: 2 }, seed)).filter(
    (steps) => words(steps[0]!) === words(first!),
  );
  const may = possibleBehind([first!]);
  expect(may.size).toBeGreaterThan(2);
  expect(new Set(second.map((steps) => words(steps[1]!)))).toEqual(may);
});

test('a bound of no steps leaves a run to the clock from the start, and no run stops before its end', () => {
  expect(stepsOf({ steps: 0 }, 1)).toEqual(byTheClock());
  const otherwise = SEEDS.filter(
    (seed) => stepsOf({ steps: 1 }, seed).map(words).join() !== byTheClock().map(words).join(),
  );
  expect(otherwise.length).toBeGreaterThan(0);
  for (const seed of SEEDS) {
    const cell = randomRun(start.machine(), { ...DEFAULT_BOUND, steps: 3 }, new Prng(seed));
    expect(cell.k.agenda.atRest).toBe(true);
  }
});

test('chance is asked only where there is a choice', () => {
  const of: number[] = [];
  class Asked extends Prng {
    override below(n: number): number {
      of.push(n);
      return super.below(n);
    }
  }
  for (const seed of SEEDS) randomRun(start.machine(), DEFAULT_BOUND, new Asked(seed));
  expect(of.length).toBeGreaterThan(100);
  expect(Math.min(...of)).toBe(1);
});

test('a wire loses as many packets in a run as the bound allows, and no more', () => {
  const lost = (drops: number): number[] =>
    SEEDS.map((seed) => {
      const { sources } = start.machine().k.agenda;
      return stepsOf({ drops }, seed).filter(
        ({ place, verb, item }) => spendOf(sources[place]!, verb, item) === Spend.DROP,
      ).length;
    });
  for (const drops of [0, 1, 2]) expect(Math.max(...lost(drops))).toBe(drops);
});
