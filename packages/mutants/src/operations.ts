// Mutants of the operations: each reference call of each operation, left out once and made twice once.
import {
  existsIn,
  type Operation,
  type OperationBench,
  type Situation,
  casesOf,
  matrixOperations,
} from '@lastref/operations';
import type { Design, Era } from '@lastref/kernel';
import { Counts, type RefCall, type Spoiled } from './counts.ts';
import { Baseline, hunt, type Hunted } from './hunt.ts';
import { operationCell } from './trials.ts';

export interface OperationMutant extends Hunted {
  readonly mover: string;
  readonly situation: Situation;
  /** 'page.count +1, 3rd of 7': which call. */
  readonly call: string;
  readonly change: 'left out' | 'made twice';
}

/** `mover` with its counts watched; `after` gets what was seen. */
function watched(
  mover: Operation,
  spoiled: Spoiled | null,
  after: (counts: Counts) => void,
): Operation {
  const apply = (bench: OperationBench): void => {
    const counts = new Counts(bench.k, spoiled);
    try {
      mover.apply(bench);
    } finally {
      counts.disarm();
      after(counts);
    }
  };
  return { ...mover, apply };
}

/** The reference calls that `mover` makes in this situation: they come before any release. */
function callsOf(
  design: Design,
  mover: Operation,
  situation: Situation,
  era: Era,
): readonly RefCall[] {
  let calls: readonly RefCall[] = [];
  const looking = watched(mover, null, (counts) => {
    ({ calls } = counts);
  });
  for (const _ of operationCell(design, looking, situation, era, false).runs(false)) break;
  return calls;
}

export interface OperationMutantsOptions {
  readonly movers?: readonly Operation[];
  readonly joins?: boolean;
}

/** Every mutant of each of `movers`, as far as the design itself is right there. */
export function* operationMutants(
  design: Design,
  era: Era,
  { movers = matrixOperations(), joins = true }: OperationMutantsOptions = {},
): Generator<OperationMutant> {
  for (const mover of movers) {
    if (!existsIn(mover, era.id)) continue;
    for (const situation of casesOf(mover)) {
      const cell = operationCell(design, mover, situation, era, true);
      const base = new Baseline([cell], { joins });
      if (base.of(cell.id).size > 0) continue;
      const calls = callsOf(design, mover, situation, era);
      for (const [n, { count, by, access }] of calls.entries()) {
        const call = `${count} ${by > 0 ? '+' : ''}${by}, ${n + 1} of ${calls.length}`;
        for (const change of ['left out', 'made twice'] as const) {
          const spoiled = { access, by: change === 'left out' ? -by : by };
          const mutant = watched(mover, spoiled, () => {});
          const spoiledCell = operationCell(design, mutant, situation, era, true);
          const hunted = hunt(base, [spoiledCell], () => 1);
          yield { mover: mover.id, situation, call, change, ...hunted };
        }
      }
    }
  }
}
