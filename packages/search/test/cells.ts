// What the tests of the search share: a small machine with a judge.
import { eraOf, type Design } from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Cell, type CellInput } from '../src/index.ts';

/** One operation of a workload in 3.8, by seed 1. */
export function inputOf(design: Design, workload: string): CellInput {
  const small = miniature(workloadCalled(workload)!, 1);
  return { design, workload: small, era: eraOf('3.8')!, seed: 1 };
}

/** A machine on which nothing has happened. */
export function bareCell(): Cell {
  return new Cell(inputOf(naive, 'loopback-slow-reader'));
}
