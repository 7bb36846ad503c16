// What may be armed for a step is what happens in it: a failure of one of the allocations that it makes or of the packets that it
// hands over, and a step of the other processor that may meet it, at one of its points.
import { OtherProcessor, Spend, comingAt, type StepSource } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { Arising } from '../src/exhaustive/arising.ts';
import { spendOne } from '../src/exhaustive/bound.ts';
import { Arm, Row } from '../src/exhaustive/choices.ts';
import { armed, type Edge, type Passed, type Step } from '../src/exhaustive/edges.ts';
import { DEFAULT_BOUND, type Bound } from '../src/index.ts';

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
