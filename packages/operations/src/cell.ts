// Operation × design. A cell is found by running the operation on lent pages and then releasing what is held in
// every order; nobody is asked what it hooks.
import { OPERATIONS, UNCONVERTED } from './recipes/index.ts';
import { existsIn, type Operation, type Situation } from './operation.ts';
import type { Design, Era } from '@lastref/kernel';
import { operationWorkload, type OperationWorkload } from './stage/stage.ts';
import { PROPERTIES, type Finding, type Property } from '@lastref/judge';
import type { CellInput } from '@lastref/search';
import { ordersWithFaults } from './orders.ts';
import { tokenOf } from '@lastref/runner';

export type CellVerdict = 'proven' | 'refuted' | 'copied' | 'n/a';

export interface MatrixCell {
  readonly verdict: CellVerdict;
  /** The gravest property refuted, and all of them. */
  readonly property: Property | null;
  readonly properties: readonly Property[];
  readonly harm: Finding['harm'] | null;
  readonly token: string | null;
  /** Orders of release that were run. */
  readonly runs: number;
  /** Whose letting go completed a loan in some order: who can stretch the hold. */
  readonly heldBy: readonly string[];
}

export interface MatrixRow {
  readonly operation: Operation;
  readonly cells: ReadonlyMap<string, MatrixCell>;
}

export const CASES: readonly Situation[] = ['shared', 'sole owner'];

/** Every operation, and last what code outside the tree does. */
export function matrixOperations(): readonly Operation[] {
  return [...OPERATIONS, UNCONVERTED];
}

/** Every operation in every situation, as workloads that a token can name. */
export function operationWorkloads(): OperationWorkload[] {
  return matrixOperations().flatMap((operation) =>
    CASES.map((situation) => operationWorkload(operation, situation)),
  );
}

/**
 * Runs one cell: both situations, every order of release; with `faults` also with every allocation of the
 * operation failing once.
 */
export function runMatrixCell(
  design: Design,
  operation: Operation,
  era: Era,
  faults: boolean,
): MatrixCell {
  const empty = { property: null, properties: [], harm: null, token: null, heldBy: [] };
  if (!existsIn(operation, era.id)) return { ...empty, verdict: 'n/a', runs: 0 };
  const found = new Map<string, { finding: Finding; token: string }>();
  const heldBy = new Set<string>();
  let runs = 0;
  let shared = false;
  for (const situation of CASES) {
    const input: CellInput = {
      design,
      workload: operationWorkload(operation, situation),
      era,
      seed: 1,
    };
    for (const order of ordersWithFaults(input, faults)) {
      runs++;
      if (!order.copied && order.fault === null) shared = true;
      for (const who of order.heldBy) heldBy.add(who);
      order.findings.forEach((finding) => {
        const key = `${finding.property}/${finding.harm}`;
        if ((found.get(key)?.finding.step ?? Number.MAX_SAFE_INTEGER) <= finding.step) return; // keep the shortest
        found.set(key, { finding, token: tokenOf(input, order.cell.recorder.upTo(finding.step)) });
      });
    }
  }
  const list = [...found.values()];
  if (list.length === 0) {
    return { ...empty, verdict: shared ? 'proven' : 'copied', runs, heldBy: [...heldBy].sort() };
  }
  const properties = PROPERTIES.filter((p) => list.some((f) => f.finding.property === p));
  const worst = list.find((f) => f.finding.property === properties[0])!;
  return {
    verdict: 'refuted',
    property: worst.finding.property,
    properties,
    harm: worst.finding.harm,
    token: worst.token,
    runs,
    heldBy: [...heldBy].sort(),
  };
}
