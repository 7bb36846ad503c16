// Two runs of the benchmark, of two commits or on two machines: what became slower?
import {
  benchSchema,
  type BenchCompareDocument,
  type BenchDocument,
  type CellFigures,
} from '@lastref/report';
import { digestOfDocument, readMeasured, UsageError } from '@lastref/runner';
import { ratioInterval } from './bootstrap.ts';
import { BENCH_SEED, CALIBRATION } from './cells.ts';
import { median } from './stats.ts';
import { timeRatio, times } from './document.ts';

/** Reads a document of `lastref bench`. Throws UsageError for anything else. */
export function readBench(file: string): BenchDocument {
  const doc = readMeasured(file, benchSchema);
  if (doc === null)
    throw new UsageError(
      `${file}: no such file; --compare takes two bench.json, as lastref bench --out DIR writes them`,
    );
  return doc;
}

export function versus(old: BenchDocument, now: BenchDocument): BenchCompareDocument {
  const before = new Map(old.cells.map((cell) => [cell.id, cell]));
  const after = new Set(now.cells.map((cell) => cell.id));
  const pairs = now.cells.flatMap((cell): [CellFigures, CellFigures][] => {
    const was = before.get(cell.id);
    return was === undefined ? [] : [[was, cell]];
  });
  const clock = pairs.find(([, { id }]) => id === CALIBRATION);
  const calibration = clock === undefined ? null : timeOf(clock[1]) / timeOf(clock[0]);
  const content = {
    schema: 'lastref.bench-compare/1' as const,
    old: whose(old),
    new: whose(now),
    calibration,
    cells: pairs
      .filter((pair) => pair !== clock)
      .map(([was, is]) => ({
        ...timeRatio(is.id, beside(calibration ?? 1, was, is)),
        same: was.digest === is.digest,
      })),
    missing: [
      ...now.cells.filter((c) => !before.has(c.id)).map((c) => `${c.id}: only in the new one`),
      ...old.cells.filter((c) => !after.has(c.id)).map((c) => `${c.id}: only in the old one`),
    ],
    warnings: warnings(old, now, calibration),
  };
  return { ...content, digest: digestOfDocument(content) };
}

/** Time of the new one to the old one, by a clock that goes `slower` times as slow. */
function beside(slower: number, was: CellFigures, is: CellFigures) {
  const { ratio, low, high } = ratioInterval(times(is), times(was), false, BENCH_SEED);
  return { ratio: ratio / slower, low: low / slower, high: high / slower };
}

/** Of the middle round. */
function timeOf(cell: CellFigures): number {
  return median(times(cell).map((samples) => median(samples)));
}

/** A line for each cell that takes more than `percent` more time, at the lower end of the interval. */
export function slower({ cells }: BenchCompareDocument, percent: number): string[] {
  return cells
    .filter(({ low }) => low > 1 + percent / 100)
    .map(({ cell, low }) => `${cell} takes at least ${low.toFixed(2)} times the time of before`);
}

function whose({ commit, date, machine }: BenchDocument): BenchCompareDocument['old'] {
  return { commit, date, machine };
}

function warnings(old: BenchDocument, now: BenchDocument, calibration: number | null): string[] {
  const out: string[] = [];
  const advice =
    calibration === null ? `; run ${CALIBRATION} in both, or compare ratios within each run` : '';
  for (const key of ['cpu', 'cpus', 'node', 'v8'] as const)
    if (old.machine[key] !== now.machine[key])
      out.push(`another ${key}: ${old.machine[key]} and ${now.machine[key]}${advice}`);
  if (old.quick !== now.quick) out.push('one of them is a quick run');
  return out;
}
