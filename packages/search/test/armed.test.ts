// What may be armed for a step is what happens in it: a failure of one of the allocations that it makes or of the packets that it
// hands over, and a step of the other processor that may meet it, at one of its points.
import { OtherProcessor, POINTS, Spend, comingAt, type StepSource } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Arising } from '../src/exhaustive/arising.ts';
import { spendOne } from '../src/exhaustive/bound.ts';
import { Arm, Row } from '../src/exhaustive/choices.ts';
import { armed, withArm, type Edge, type Passed, type Step } from '../src/exhaustive/edges.ts';
import { Player } from '../src/exhaustive/player.ts';
import { DEFAULT_BOUND, Start, type Bound, type CellInput } from '../src/index.ts';
import { inputOf } from './cells.ts';

const BOTH: Bound = { ...DEFAULT_BOUND, failures: 1, preemptions: 1 };

const STEP = 0;
const FAULT = 1;
const NEIGHBOUR = 2;
const STRANGER = 3;

/** A source of the other processor, whose steps come into those of `meets` alone. */
function other(meets: StepSource | null): StepSource {
  return Object.create(OtherProcessor.prototype, {
    mayMeet: { value: (source: StepSource) => source === meets },
  }) as StepSource;
}

const step = {} as StepSource;
const sources = [step, {} as StepSource, other(step), other(null)];

const edge: Edge = {
  place: STEP,
  verb: 0,
  item: 0,
  arms: [],
  host: 0,
  spent: 0,
  tearsDown: false,
};

function row(place: number, item: number, arm: Arm): number[] {
  const words = Array.from({ length: Row.WORDS }, () => 0);
  words[Row.PLACE] = place;
  words[Row.ITEM] = item;
  words[Row.ARM] = arm;
  words[Row.SPEND] = arm === Arm.POINT ? Spend.PREEMPTION : Spend.FAILURE;
  return words;
}

/** What is armed for the step, given what it came by. */
function armsFor(
  rows: readonly number[][],
  { points = 0, arises = [], ...counts }: Partial<Passed> & { points?: number; arises?: Step[] },
  bound = BOTH,
): Step[] {
  const arising = new Arising();
  arising.points = points;
  arising.steps.push(...arises);
  const passed = { allocations: 0, packets: 0, ...counts, arising };
  const edges = armed(sources, bound, Int32Array.from(rows.flat()), edge, passed);
  for (const { arms, spent, ...same } of edges) {
    expect({ ...same, arms: [], spent: 0 }).toEqual(edge);
    const kind = arms[0]!.place === FAULT ? Spend.FAILURE : Spend.PREEMPTION;
    expect([arms.length, spent]).toEqual([1, spendOne(bound, 0, kind)]);
  }
  return edges.map(({ arms }) => arms[0]!);
}

const itemsOf = (steps: readonly Step[]): number[] => steps.map(({ item }) => item);

test.each([
  ['an allocation', Arm.ALLOCATION, 'allocations', 'packets'],
  ['a packet that is handed to a driver', Arm.PACKET, 'packets', 'allocations'],
] as const)('%s fails from the first to the last that there is', (_, arm, counted, uncounted) => {
  const rows = [1, 2, 3].map((nth) => row(FAULT, nth, arm));
  expect(itemsOf(armsFor(rows, { [counted]: 2 }))).toEqual([1, 2]);
  expect(armsFor(rows, { [uncounted]: 2, points: 9 })).toEqual([]);
});

test('what may meet the step comes in at its points, as far as it has some; what may not meet it never does', () => {
  const rows = [NEIGHBOUR, STRANGER].flatMap((place) =>
    [0, 1, 2].map((point) => row(place, comingAt(point, 5), Arm.POINT)),
  );
  const at = (point: number): Step => ({ place: NEIGHBOUR, verb: 0, item: comingAt(point, 5) });
  expect(armsFor(rows, { points: 2 })).toEqual([at(0), at(1)]);
  expect(armsFor(rows, { allocations: 9, packets: 9 })).toEqual([]);
});

test('what the step itself made possible comes in where it did', () => {
  const arises = [{ place: NEIGHBOUR, verb: 1, item: comingAt(1, 0) }];
  expect(armsFor([], { points: 2, arises })).toEqual(arises);
});

test('nothing is armed that is a step of its own, or more than the bound allows', () => {
  const rows = [
    row(FAULT, 0, Arm.NOTHING),
    row(FAULT, 1, Arm.ALLOCATION),
    row(NEIGHBOUR, comingAt(0, 0), Arm.POINT),
  ];
  const arises = [{ place: NEIGHBOUR, verb: 1, item: comingAt(1, 0) }];
  const all = { allocations: 1, packets: 1, points: 1, arises };
  const places = (bound: Partial<Bound>) =>
    armsFor(rows, all, { ...BOTH, ...bound }).map(({ place }) => place);
  expect(places({})).toEqual([FAULT, NEIGHBOUR, NEIGHBOUR]);
  expect(places({ failures: 0 })).toEqual([NEIGHBOUR, NEIGHBOUR]);
  expect(places({ preemptions: 0 })).toEqual([FAULT]);
});

test('a step into which nothing came, as it has no such point, is not one that something came into', () => {
  const input: CellInput = { ...inputOf(naive, 'bulk-loss'), processors: 2 };
  const start = new Start(input, false, true);
  const player = new Player(start, { bound: BOTH }, null);
  const cell = start.machine();
  const came: Record<number, number> = { 0: 0, [POINTS - 1]: 0 };
  for (let n = 0; n < 12; n++) {
    const { agenda } = cell.k;
    const at = agenda.earliest();
    const step: Edge = { ...edge, place: at, item: agenda.sources[at]!.item() };
    const moment = start.moment()!;
    for (const other of agenda.sources) {
      if (!(other instanceof OtherProcessor) || !other.mayMeet(agenda.sources[at]!)) continue;
      const pairs: number[] = [];
      other.possible(pairs);
      if (pairs.length === 0) continue;
      for (const point of [0, POINTS - 1]) {
        const arm: Step = { place: other.place, verb: pairs[0]!, item: comingAt(point, pairs[1]!) };
        if (player.take(start.machineAt(moment), withArm(step, arm, 0))) came[point]!++;
      }
    }
    start.machineAt(moment);
    expect(cell.take(step.place, 0, step.item)).toBe(true);
  }
  expect(came[0]).toBeGreaterThan(0);
  expect(came[POINTS - 1]).toBe(0);
});
