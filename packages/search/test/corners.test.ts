// Corners of what a search is made of, one apart from each other.
import { Halt, eraOf, type Agenda, type StepSource } from '@lastref/kernel';
import { miniature, workloadCalled, type Participant } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design } from '../../../strategies/naive-sendpage.ts';
import { choicesWithin, Row } from '../src/exhaustive/choices.ts';
import { Cell, DEFAULT_BOUND, possible } from '../src/index.ts';

const cell = (): Cell =>
  new Cell({
    design,
    workload: miniature(workloadCalled('nfs-odirect')!, 1),
    era: eraOf('3.8')!,
    seed: 1,
  });

test('of a machine that was broken off in a step nothing is possible', () => {
  const { agenda } = cell().k;
  expect(possible(agenda, false).length).toBeGreaterThan(0);
  agenda.halted = Halt.CUT;
  expect(possible(agenda, false)).toEqual([]);
});

test('half way through a step that comes, only who may meet it goes on', () => {
  const source = (name: string): StepSource =>
    ({
      name,
      verbs: ['does'],
      isArmed: () => true,
      item: () => 0,
      choices: (out: number[]) => out.push(0, 0),
      take: () => {},
    }) as unknown as StepSource;
  const [meets, waits] = [source('meets'), source('waits')];
  const placesWhile = (coming: Pick<StepSource, never> | null): number[] => {
    const agenda = {
      coming,
      sources: [meets, waits],
      halted: Halt.RUNS,
      isArmed: () => true,
      isRefused: () => false,
    } as unknown as Agenda;
    const { rows } = choicesWithin(DEFAULT_BOUND, agenda, 0);
    return Array.from({ length: rows.length / Row.WORDS }, (_, i) => rows[i * Row.WORDS]!);
  };
  expect(placesWhile(null)).toEqual([0, 1]);
  expect(placesWhile({ mayMeet: (other: StepSource) => other === meets })).toEqual([0]);
});

test('who takes part hears that a run is over when it is: nothing is left to do, and nobody is kept from it', () => {
  const heard = (arrange: (cell: Cell) => void): number => {
    let times = 0;
    const one = cell();
    (one.scenario.participants as Participant[]).push({ ended: () => times++ } as never);
    arrange(one);
    one.over();
    return times;
  };
  const toItsEnd = (one: Cell): void => {
    while (!one.k.agenda.atRest) one.clock();
  };
  expect(heard(() => {})).toBe(0);
  expect(heard(toItsEnd)).toBe(1);
  expect(
    heard((one) => {
      toItsEnd(one);
      one.k.agenda.withholding = true;
    }),
  ).toBe(0);
});
