// What is measured: each cell runs in a process of its own, so that no design pays for another one's shapes.
import { COMMANDS } from './commands.ts';
import { TASKS, type Size, type Task } from './race/sizes.ts';

export const BENCH_SEED = 1;
/** Bare page references: what every design is compared with. */
export const BASELINE = 'naive-sendpage';
/**
 * What a comparison of two runs takes for its clock: a search that has no code in common with the machine, in processes like
 * those of every cell.
 */
export const CALIBRATION = 'race/s/states';
/** For a first look: the baseline, and the design that counts most, one reference per fragment. */
export const BENCH_DESIGNS: readonly string[] = [BASELINE, 'ian-frag-destructor'];

export interface CycleCell {
  readonly kind: 'cycle';
  readonly id: string;
  readonly design: string;
  readonly frags: number;
}

export interface BulkCell {
  readonly kind: 'bulk';
  readonly id: string;
  readonly design: string;
  readonly lossPpm: number;
  /** The sender's device cuts large packets; without it every segment goes down the stack by itself. */
  readonly offload: boolean;
}

/** A search of the race model, by the rule that gives pages back. */
export interface RaceCell {
  readonly kind: 'race';
  readonly id: string;
  readonly design: 'last-reference' | 'acked';
  readonly size: Size;
  readonly task: Task;
}

/** A command of ours in a process of its own. */
export interface CommandCell {
  readonly kind: 'command';
  readonly id: string;
  /** It has many, or none that others would be compared with. */
  readonly design: '';
  readonly typed: string;
  readonly unit: 's' | 'ms of CPU/cell';
}

export type BenchCell = CycleCell | BulkCell | RaceCell | CommandCell;

/** How much of each cell one process does. */
export interface Plan {
  /** Cycles in one sample. */
  readonly batch: number;
  readonly cycleWarmup: number;
  readonly cycleSamples: number;
  /** Payload of one bulk run, which is one sample. */
  readonly bulkBytes: number;
  readonly bulkWarmup: number;
  readonly bulkSamples: number;
  /** Processes that search the race model, one after the other; a search of all states is run once. */
  readonly raceSamples: number;
}

export const FULL: Plan = {
  batch: 5_000,
  cycleWarmup: 60,
  cycleSamples: 60,
  bulkBytes: 100_000_000,
  bulkWarmup: 4,
  bulkSamples: 4,
  raceSamples: 9,
};

export const QUICK: Plan = {
  batch: 2_000,
  cycleWarmup: 60,
  cycleSamples: 20,
  bulkBytes: 30_000_000,
  bulkWarmup: 6,
  bulkSamples: 4,
  raceSamples: 5,
};

export const FRAGS = [1, 4, 17] as const;
export const LOSSES = [0, 10_000] as const;

/** Cells of one scenario stand together: what is compared runs side by side. */
export function cellsOf(designs: readonly string[]): BenchCell[] {
  const all: BenchCell[] = [];
  for (const frags of FRAGS)
    for (const design of designs)
      all.push({ kind: 'cycle', id: `cycle/${frags}/${design}`, design, frags });
  for (const lossPpm of LOSSES)
    for (const offload of [true, false]) {
      const name = `${lossPpm / 10_000}%${offload ? '' : '-no-offload'}`;
      for (const design of designs)
        all.push({ kind: 'bulk', id: `bulk/${name}/${design}`, design, lossPpm, offload });
    }
  for (const size of ['s', 'm'] as const)
    for (const task of TASKS) {
      const design = task === 'refute' ? 'acked' : 'last-reference';
      all.push({ kind: 'race', id: `race/${size}/${task}`, design, size, task });
    }
  for (const [name, typed, unit] of COMMANDS)
    all.push({ kind: 'command', id: `command/${name}`, design: '', typed, unit });
  return all;
}

/** A cell by its id, whatever its design. */
export function cellCalled(id: string): BenchCell | undefined {
  return cellsOf([id.split('/').at(-1)!]).find((c) => c.id === id);
}

/** The cells of a first look. */
export const CELLS: readonly BenchCell[] = cellsOf(BENCH_DESIGNS);
