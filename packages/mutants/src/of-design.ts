// All mutants of one design, in its isolate.
import { CARDS } from '@lastref/judge';
import type { Design, Era } from '@lastref/kernel';
import type { MutantsDesign, MutantRow } from '@lastref/report';
import { Baseline, hunt } from './hunt.ts';
import { hookMutants, watched } from './hooks.ts';
import { operationMutants } from './operations.ts';
import { OPERATION_CELL, trialCells } from './trials.ts';

/** Are operations spoiled under this design? */
export type Spoiling = boolean | 'where kept';

/** The design with its mutants, and the operations' where that is asked for; `joins`: it hides nothing. */
export function mutantsOf(
  design: Design,
  era: Era,
  spoiling: Spoiling,
  joins: boolean,
): MutantsDesign {
  const looked = watched(design);
  const base = new Baseline(trialCells(looked.design, era), { called: looked.called, joins });
  const hooks = hookMutants(design).map((mutant): MutantRow => {
    const { hook, change, calls, touches } = mutant;
    const cells = trialCells(mutant.design, era).filter(({ id }) => base.reaches(id, touches));
    return { hook, change, ...hunt(base, cells, () => calls.n) };
  });
  const spoil = spoiling === 'where kept' ? keepsOperations(base) : spoiling;
  return {
    design: design.id,
    runs: base.runs,
    cells: base.size,
    refuted: refutedCells(base, () => true),
    hooks,
    operations: spoil ? operations(design, era, joins) : [],
  };
}

/** Properties of the moment of completion. The rest depends on whose page it is and on who else writes it. */
const MOMENT = CARDS.filter((card) => card.about === 'when').map((card) => card.id);

/** Cells with such a name in which the design itself completes at a wrong moment. */
function refutedCells(base: Baseline, named: (cell: string) => boolean): number {
  return [...base.refutedCells()].filter(
    ([cell, refuted]) => named(cell) && MOMENT.some((property) => refuted.has(property)),
  ).length;
}

/**
 * Seven in eight of the operations are right under this design: under others too much is spoiled already. Where this
 * one is wrong, the operation is left out.
 */
function keepsOperations(base: Baseline): boolean {
  const named = (cell: string): boolean => OPERATION_CELL.test(cell);
  const all = [...base.refutedCells()].filter(([cell]) => named(cell)).length;
  return 8 * refutedCells(base, named) <= all;
}

function operations(design: Design, era: Era, joins: boolean): MutantsDesign['operations'] {
  const rows = new Map<string, MutantsDesign['operations'][number]>();
  for (const m of operationMutants(design, era, { joins })) {
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
