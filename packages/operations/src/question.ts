// The matrix: every operation that moves a fragment, under every design; a column is one isolate's.
import type { MoversDocument } from '@lastref/report';
import {
  findEra,
  sourceOf,
  type DesignFile,
  type Fault,
  type Question,
  type Source,
} from '@lastref/runner';
import { matrixOperations, operationWorkloads, runMatrixCell, type MatrixCell } from './cell.ts';

export interface MatrixPlan {
  readonly designs: readonly DesignFile[];
  readonly era: string;
  /** Also with every allocation of an operation failing once. */
  readonly faults: boolean;
  /** Of candidates: those that did not load, and by the end those that an operation stopped. */
  readonly stopped: readonly Fault[];
}

export interface MatrixAsk {
  readonly source: Source;
  readonly era: string;
  readonly faults: boolean;
}

export interface MatrixAnswer {
  readonly design: string;
  readonly operation: string;
  readonly cell: MatrixCell;
}

export const question: Question<MatrixPlan, MatrixAsk, MatrixAnswer, MoversDocument> = {
  kind: 'movers',
  asks: ({ designs, era, faults }) => designs.map((d) => ({ source: sourceOf(d), era, faults })),
  sources: (ask) => [ask.source],
  cells: () => matrixOperations().map((o) => o.id),
  when: (ask) => `era ${ask.era}`,
  about: ({ design, operation }) => `${design} under ${operation}`,
  async answer({ source, era, faults }, n, isolate) {
    const design = await isolate.design(source);
    const operation = matrixOperations()[n]!;
    const cell = runMatrixCell(design, operation, findEra(era), faults);
    return { design: design.id, operation: operation.id, cell };
  },
  merge: async (plan, answers) => (await import('./matrix.ts')).matrixDocument(plan, answers),
  workloads: operationWorkloads,
};
