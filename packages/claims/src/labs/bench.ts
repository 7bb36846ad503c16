// Two packets with lent pages in a write queue, and nothing under way: where an instrument does one thing to them.
import type { Design, Era } from '@lastref/kernel';
import { type Operation, operationWorkload, type OperationStage } from '@lastref/operations';
import { Cell } from '@lastref/search';

/** An operation that does nothing: the instrument acts itself. */
const NOTHING: Operation = {
  id: 'nothing',
  who: 'local user',
  file: 'nowhere',
  since: '2.6.12',
  until: null,
  refs: 'none',
  carries: [],
  apply: () => {},
};

export interface Bench {
  readonly cell: Cell;
  readonly stage: OperationStage;
}

/** A stage on which three pages are lent in the first packet (two and a half of them) and two in the second. */
export function openBench(design: Design, era: Era): Bench {
  const cell = new Cell({ design, workload: operationWorkload(NOTHING, 'shared'), era, seed: 1 });
  const stage = cell.scenario.participants[0] as OperationStage;
  cell.clock();
  return { cell, stage };
}

/** What stops the machine when `act` is done: its message, or null. */
export function stoppedBy(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `${error.name}: ${error.message}`;
  }
}
