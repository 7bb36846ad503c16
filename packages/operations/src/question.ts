// The matrix: every operation that moves a fragment, under every design, in every kernel that has it; a column is one
// isolate's.
import { ERAS } from '@lastref/kernel';
import type { MoversDocument } from '@lastref/report';
import {
  findEra,
  isForeign,
  sourceOf,
  type DesignFile,
  type Fault,
  type Question,
  type Source,
} from '@lastref/runner';
import {
  matrixOperations,
  operationWorkloads,
  runMatrixRow,
  type Beyond,
  type MatrixCell,
} from './cell.ts';

/** Every kernel. */
export const NEWEST_FIRST: readonly string[] = ERAS.map((era) => era.id).reverse();

export interface MatrixPlan extends Beyond {
  readonly faults: boolean;
  readonly designs: readonly DesignFile[];
  /** The newest first. */
  readonly eras: readonly string[];
  /** Each operation in the newest of them that has it, and in no other. */
  readonly head: boolean;
  /** Of candidates: those that did not load, and by the end those that an operation stopped. */
  readonly stopped: readonly Fault[];
}

export interface MatrixAsk extends Beyond {
  readonly source: Source;
  readonly eras: readonly string[];
  readonly head: boolean;
}

/** One operation under one design, in each era of the ask; null: not run there. */
export interface MatrixAnswer {
  readonly design: string;
  readonly operation: string;
  readonly cells: readonly (MatrixCell | null)[];
}

export const question: Question<MatrixPlan, MatrixAsk, MatrixAnswer, MoversDocument> = {
  kind: 'movers',
  forAnyDesign: true,
  brief: true,
  asks: ({ designs, stopped: _, ...ask }) => designs.map((d) => ({ source: sourceOf(d), ...ask })),
  sources: (ask) => [ask.source],
  cells: () => matrixOperations().map((o) => o.id),
  when: ({ eras }) => (eras.length === 1 ? `era ${eras[0]}` : ''),
  about: ({ design, operation }) => `${design} under ${operation}`,
  async answer({ source, eras, ...how }, n, isolate) {
    const design = await isolate.design(source);
    const operation = matrixOperations()[n]!;
    const cells = runMatrixRow(
      design,
      operation,
      eras.map((id) => findEra(id)),
      isForeign(source) ? { ...how, each: true } : { ...how, joins: true },
    );
    return { design: design.id, operation: operation.id, cells };
  },
  merge: async (plan, answers) => (await import('./matrix.ts')).matrixDocument(plan, answers),
  workloads: operationWorkloads,
};
