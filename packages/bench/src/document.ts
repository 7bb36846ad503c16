// What follows from the samples of a benchmark run.
import { createHash } from 'node:crypto';
import type { AnchorFigures, AnchorRatio, CellFigures, TimeRatio } from '@lastref/report';
import { ratioInterval, type Rounds } from './bootstrap.ts';
import { BASELINE, BENCH_SEED, type BenchCell } from './cells.ts';
import type { Measured } from './measure.ts';
import { median, spread } from './stats.ts';

export function unitOf(cell: BenchCell): string {
  if (cell.kind === 'cycle') return 'ns/cycle';
  if (cell.kind === 'bulk') return 'segments/s';
  if (cell.kind === 'command') return cell.unit;
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
    rounds: rounds.map((r) => [...r.samples]),
  };
}

export function ratio(cell: CellFigures, anchor: AnchorFigures): AnchorRatio {
  const rounds = cell.rounds.map((samples, i) => median(samples) / anchor.rounds[i]!);
  return { cell: cell.id, anchor: anchor.id, ...spread(rounds), rounds };
}

export function digestOf(cells: readonly CellFigures[]): string {
  const hash = createHash('sha256');
  for (const cell of cells) hash.update(`${cell.id} ${cell.digest}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** Samples as times: of rates, what one unit of work takes. */
export function times(cell: CellFigures): Rounds {
  if (!cell.unit.endsWith('/s')) return cell.rounds;
  return cell.rounds.map((samples) => samples.map((rate) => 1 / rate));
}

/** `cell/a/b` of `id` and `a/b`: what is run, whoever runs it. */
export function scenarioOf({ id, design }: { id: string; design: string }): string {
  return id.endsWith(`/${design}`) ? id.slice(0, -design.length - 1) : id;
}

/** Every design to the baseline in the same scenario. */
export function toBaseline(cells: readonly CellFigures[]): TimeRatio[] {
  return cells.flatMap((cell) => {
    const base = cells.find(
      (c) => c.design === BASELINE && c !== cell && scenarioOf(c) === scenarioOf(cell),
    );
    if (base === undefined) return [];
    return [timeRatio(cell.id, ratioInterval(times(cell), times(base), true, BENCH_SEED))];
  });
}

export function timeRatio(
  cell: string,
  { ratio, low, high }: { ratio: number; low: number; high: number },
): TimeRatio {
  return { cell, ratio, low, high, apart: low > 1 || high < 1 };
}

/** Half the width of the median interval, in percent; null: there is none. */
export function noiseOf(ratios: readonly TimeRatio[]): number | null {
  if (ratios.length === 0) return null;
  return median(ratios.map((r) => ((r.high - r.low) / 2 / r.ratio) * 100));
}
