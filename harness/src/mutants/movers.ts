// Mutants of the operations: each reference call of each operation, left out once and made twice once.
import {
  existsIn,
  type Design,
  type Era,
  type Mover,
  type MoverBench,
  type MoverCase,
} from '@lastref/kernel';
import { CASES, matrixMovers } from '../matrix.ts';
import { Counts, type RefCall, type Spoiled } from './counts.ts';
import { Baseline, hunt, type Hunted } from './hunt.ts';
import { moverTrials } from './trials.ts';

export interface MoverMutant extends Hunted {
  readonly mover: string;
  readonly situation: MoverCase;
  /** 'page.count +1, 3rd of 7': which call. */
  readonly call: string;
  readonly change: 'left out' | 'made twice';
}

/** `mover` with its counts watched; `after` gets what was seen. */
function watched(mover: Mover, spoiled: Spoiled | null, after: (counts: Counts) => void): Mover {
  const apply = (bench: MoverBench): void => {
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
function callsOf(design: Design, mover: Mover, situation: MoverCase, era: Era): readonly RefCall[] {
  let calls: readonly RefCall[] = [];
  const looking = watched(mover, null, (counts) => {
    ({ calls } = counts);
  });
  moverTrials(design, looking, situation, era, false).next();
  return calls;
}

/** Every mutant of each of `movers`, as far as the design itself is right there. */
export function* moverMutants(
  design: Design,
  era: Era,
  movers: readonly Mover[] = matrixMovers(),
): Generator<MoverMutant> {
  for (const mover of movers) {
    if (!existsIn(mover, era.id)) continue;
    for (const situation of CASES) {
      const base = new Baseline(moverTrials(design, mover, situation, era, true));
      if (base.of(`${mover.id}, ${situation}`).size > 0) continue;
      const calls = callsOf(design, mover, situation, era);
      for (const [n, { count, by, access }] of calls.entries()) {
        const call = `${count} ${by > 0 ? '+' : ''}${by}, ${n + 1} of ${calls.length}`;
        for (const change of ['left out', 'made twice'] as const) {
          const spoiled = { access, by: change === 'left out' ? -by : by };
          const mutant = watched(mover, spoiled, () => {});
          const hunted = hunt(base, moverTrials(design, mutant, situation, era, true), () => 1);
          yield { mover: mover.id, situation, call, change, ...hunted };
        }
      }
    }
  }
}
