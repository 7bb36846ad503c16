// An operation in a situation, as a workload: what a token names.
import type { Workload } from '@lastref/workloads';
import { neededBy, whoOf, type Operation, type Situation } from '../operation.ts';
import { OperationStage } from './stage.ts';

const SHORT: Readonly<Record<Situation, string>> = {
  shared: 'shared',
  'sole owner': 'sole',
  'first is ordinary': 'first-ordinary',
  'second is ordinary': 'second-ordinary',
};

/** How a token names the workload of an operation. */
export function operationWorkloadId(operation: Operation, situation: Situation): string {
  return `operation-${operation.id.replace(/[^A-Za-z0-9_]+/g, '-').replace(/-$/, '')}-${SHORT[situation]}`;
}

export interface OperationWorkload extends Workload {
  readonly operation: Operation;
  readonly situation: Situation;
}

/** An operation in a situation, as a workload. */
export function operationWorkload(operation: Operation, situation: Situation): OperationWorkload {
  return {
    id: operationWorkloadId(operation, situation),
    title: `${operation.id}, ${situation}`,
    story: `${operation.id} meets lent pages (${situation}); then everybody who holds something lets go.`,
    who: whoOf(operation, undefined),
    whoOf: (domain) => whoOf(operation, domain),
    frames: 32,
    horizonTicks: 1_000_000,
    needs: neededBy(operation),
    operation,
    situation,
    build(k) {
      return { participants: [new OperationStage(k, operation, situation)], chances: new Map() };
    },
  };
}
