// What a benchmark run keeps: raw samples, where and on what they were taken, and what follows from them.
import { createHash } from 'node:crypto';
import type { BenchCell } from './cells.ts';
import type { Measured } from './measure.ts';
import { median, spread, type Spread } from './stats.ts';

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly os: string;
  readonly node: string;
  readonly v8: string;
}

export interface CellFigures extends Spread {
  readonly id: string;
  readonly kind: BenchCell['kind'];
  readonly design: string;
  readonly unit: string;
  readonly digest: string;
  /** Samples of each round's process, sorted. */
  readonly rounds: readonly (readonly number[])[];
}

export interface AnchorFigures extends Spread {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly rounds: readonly number[];
}

/** Of a cell's median to an anchor's figure, both of the same round. */
export interface Ratio extends Spread {
  readonly cell: string;
  readonly anchor: string;
  readonly rounds: readonly number[];
}

export interface BenchDocument {
  readonly schema: 'lastref.bench/1';
  /** Of all cells' digests: equal when the same work was done. */
  readonly digest: string;
  readonly date: string;
  readonly commit: string;
  readonly seed: number;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly cells: readonly CellFigures[];
  readonly anchors: readonly AnchorFigures[];
  readonly ratios: readonly Ratio[];
  readonly missing: readonly string[];
}

export function unitOf(cell: BenchCell): string {
  if (cell.kind === 'cycle') return 'ns/cycle';
  if (cell.kind === 'bulk') return 'segments/s';
  return cell.task === 'states' ? 'states/s' : 'ms';
}

/** The figures of one cell over its rounds, each round a process of its own. */
export function cellFigures(cell: BenchCell, rounds: readonly Measured[]): CellFigures {
  const digests = new Set(rounds.map((r) => r.digest));
  if (digests.size !== 1)
    throw new Error(`${cell.id}: ${digests.size} different digests in ${rounds.length} rounds`);
  return {
    id: cell.id,
    kind: cell.kind,
    design: cell.design,
    unit: unitOf(cell),
    digest: [...digests][0]!,
    ...spread(rounds.map((r) => median(r.samples))),
    rounds: rounds.map((r) => r.samples),
  };
}

export function ratio(cell: CellFigures, anchor: AnchorFigures): Ratio {
  const rounds = cell.rounds.map((samples, i) => median(samples) / anchor.rounds[i]!);
  return { cell: cell.id, anchor: anchor.id, ...spread(rounds), rounds };
}

export function digestOf(cells: readonly CellFigures[]): string {
  const hash = createHash('sha256');
  for (const cell of cells) hash.update(`${cell.id} ${cell.digest}\n`);
  return hash.digest('hex').slice(0, 16);
}
