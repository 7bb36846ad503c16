// All mutants of one design, in its isolate.
import type { Property } from '@lastref/judge';
import type { Design } from '@lastref/kernel';
import type { MutantsDesign, MutantRow } from '@lastref/report';
import { STORIES } from '@lastref/workloads';
import type { Source } from '../candidate/source.ts';
import { findEra } from '../registry.ts';
import { Baseline, hunt } from './hunt.ts';
import { hookMutants } from './hooks.ts';
import { moverMutants } from './movers.ts';
import { MOVER_CELL, trials } from './trials.ts';

export interface MutantsJob {
  readonly kind: 'mutants';
  readonly source: Source;
  readonly era: string;
}

export type MutantsAnswer = MutantsDesign;

/** One answer: the design with its mutants, and the operations' where it is right. */
export function* runMutants(job: MutantsJob, design: Design): Generator<MutantsAnswer> {
  const era = findEra(job.era);
  const base = new Baseline(trials(design, era));
  const right = isRight(base);
  const hooks = hookMutants(design).map(({ hook, change, design: mutant, calls }): MutantRow => {
    const { verdict, by, where, runs, better } = hunt(base, trials(mutant, era), () => calls.n);
    return { hook, change, verdict, by, where, runs, better };
  });
  yield {
    design: design.id,
    right,
    runs: base.byRun.size,
    hooks,
    operations: right || isRightOnOperations(base) ? operations(design, job.era) : [],
  };
}

/** Properties of the moment of completion. The rest depends on whose page it is and on who else writes it. */
const MOMENT: readonly Property[] = ['early', 'double', 'lost'];

/** No story refutes the moment at which this design completes a loan. */
function isRight(base: Baseline): boolean {
  return STORIES.every((story) =>
    story.eras.every((id) => {
      const refuted = base.of(`${story.id}, ${id}`);
      return MOMENT.every((property) => !refuted.has(property));
    }),
  );
}

/** Nothing is refuted under any operation. */
function isRightOnOperations(base: Baseline): boolean {
  return [...base.cells()].every(([cell, refuted]) => !MOVER_CELL.test(cell) || refuted.size === 0);
}

function operations(design: Design, era: string): MutantsDesign['operations'] {
  const rows = new Map<string, MutantsDesign['operations'][number]>();
  for (const m of moverMutants(design, findEra(era))) {
    const key = `${m.mover}, ${m.situation}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = { mover: m.mover, situation: m.situation, mutants: 0, killed: {}, rest: [] };
      rows.set(key, row);
    }
    row.mutants++;
    if (m.verdict === 'killed') row.killed[m.by] = (row.killed[m.by] ?? 0) + 1;
    else row.rest.push({ call: m.call, change: m.change, verdict: m.verdict, by: m.by });
  }
  return [...rows.values()];
}
