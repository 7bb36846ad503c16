// Two runs of the benchmark, of two commits or on two machines: what became slower?
import { readFileSync } from 'node:fs';
import {
  benchSchema,
  type BenchCompareDocument,
  type BenchDocument,
  type CellFigures,
} from '@lastref/report';
import { digestOfDocument, UsageError } from '@lastref/runner';
import { ratioInterval } from './bootstrap.ts';
import { BENCH_SEED } from './cells.ts';
import { timeRatio, times } from './document.ts';

/** Reads a document of `lastref bench`. Throws UsageError for anything else. */
export function readBench(file: string): BenchDocument {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = benchSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(
    `${file} is no bench.json (${issue?.path.join('.')}: ${issue?.message}); lastref bench --out DIR writes one`,
  );
}

export function versus(old: BenchDocument, now: BenchDocument): BenchCompareDocument {
  const before = new Map(old.cells.map((cell) => [cell.id, cell]));
  const after = new Set(now.cells.map((cell) => cell.id));
  const pairs = now.cells.flatMap((cell): [CellFigures, CellFigures][] => {
    const was = before.get(cell.id);
    return was === undefined ? [] : [[was, cell]];
  });
  const content = {
    schema: 'lastref.bench-compare/1' as const,
    old: whose(old),
    new: whose(now),
    cells: pairs.map(([was, is]) => ({
      ...timeRatio(is.id, ratioInterval(times(is), times(was), false, BENCH_SEED)),
      same: was.digest === is.digest,
    })),
    missing: [
      ...now.cells.filter((c) => !before.has(c.id)).map((c) => `${c.id}: only in the new one`),
      ...old.cells.filter((c) => !after.has(c.id)).map((c) => `${c.id}: only in the old one`),
    ],
    warnings: warnings(old, now),
  };
  return { ...content, digest: digestOfDocument(content) };
}

function whose({ commit, date, machine }: BenchDocument): BenchCompareDocument['old'] {
  return { commit, date, machine };
}

function warnings(old: BenchDocument, now: BenchDocument): string[] {
  const out: string[] = [];
  for (const key of ['cpu', 'cpus', 'node', 'v8'] as const)
    if (old.machine[key] !== now.machine[key])
      out.push(
        `another ${key}: ${old.machine[key]} and ${now.machine[key]}; compare ratios within each run instead`,
      );
  if (old.quick !== now.quick) out.push('one of them is a quick run');
  return out;
}
