// Runs the benchmark: what the model costs in time, by design and scenario, a process for each cell. Counted costs lead
// the report (`lastref compare`); nanoseconds stand beside them and belong to one machine.
import { execFile, execFileSync } from 'node:child_process';
import { cpus, release, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AnchorFigures, BenchDocument } from '@lastref/report';
import { CouldNot, Progress, FROM_SOURCE, ROOT, RunError, isSystemError } from '@lastref/runner';
import type { ChildFailed } from './child.ts';
import { installedAnchors, type Anchor } from './anchors.ts';
import { BENCH_SEED, FULL, QUICK, type BenchCell } from './cells.ts';
import { measureCommand } from './commands.ts';
import { cellFigures, digestOf, noiseOf, ratio, toBaseline, unitOf } from './document.ts';
import type { Measured, Skipped } from './measure.ts';
import { RaceProgram } from './race/measure.ts';
import { spread } from './stats.ts';
import { targetFigures } from './targets.ts';

/** A program of this directory, as it runs: source or built. */
const beside = (name: string): string =>
  fileURLToPath(new URL(`./${name}${FROM_SOURCE ? '.ts' : '.js'}`, import.meta.url));
const CHILD = beside('child');
const run = promisify(execFile);

/** One cell in a process of its own, started as this one was. Throws what ended it. */
async function inChild(cell: BenchCell, quick: boolean): Promise<Measured | Skipped> {
  const args = ['--expose-gc', CHILD, 'measure', cell.id, quick ? 'quick' : 'full'];
  return childSaid(cell.id, await started([...process.execArgv, ...args]));
}

/** What a process printed. Throws CouldNot if it was ended from outside, by want of memory as a rule. */
async function started(args: readonly string[]): Promise<string> {
  try {
    return (await run(process.execPath, args, { maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const { signal, code } = error as { signal?: string | null; code?: number | string };
    if (isSystemError(error)) throw error;
    const how = typeof signal === 'string' ? signal : `code ${code}`;
    throw new CouldNot(`a process that measures ended with ${how}: was there enough memory?`, {
      cause: error,
    });
  }
}

export function childSaid(id: string, stdout: string): Measured | Skipped {
  const said = JSON.parse(stdout) as Measured | Skipped | ChildFailed;
  if (!('failed' in said)) return said;
  throw Object.assign(new RunError(`${id}: ${said.failed}`), { stack: said.stack });
}

/** The commit, with a plus when files differ from it. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return (
      git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
    );
  } catch {
    return 'unknown';
  }
}

export interface BenchPlan {
  readonly cells: readonly BenchCell[];
  readonly rounds: number;
  readonly quick: boolean;
  /** The command line's own script. */
  readonly script: string;
}

/**
 * All cells and anchors once per round, one scenario after the other and its designs side by side, every other round
 * backwards: what drifts hits all alike.
 */
export async function bench({ cells, rounds, quick, script }: BenchPlan): Promise<BenchDocument> {
  const plan = quick ? QUICK : FULL;
  const race = new RaceProgram(beside('race'));
  const line = { script, execArgv: process.execArgv, usage: beside('usage') };
  const anchors = installedAnchors(plan);
  const progress = new Progress('bench', rounds * (cells.length + anchors.all.length));
  const measured = new Map<BenchCell, Measured[]>(cells.map((cell) => [cell, []]));
  const anchored = new Map<Anchor, number[]>(anchors.all.map((anchor) => [anchor, []]));
  const skipped = new Map<BenchCell, string>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const cell of round % 2 === 0 ? cells : [...cells].reverse()) {
        for (const anchor of anchors.all) {
          // Just before the first of its cells.
          if (!anchor.cells(cell) || anchored.get(anchor)!.length > round) continue;
          anchored.get(anchor)!.push(await anchor.measure());
          progress.step(anchor.id);
        }
        progress.step(cell.id);
        if (skipped.has(cell)) continue;
        const found =
          cell.kind === 'race'
            ? await race.measure(cell, plan)
            : cell.kind === 'command'
              ? await measureCommand(cell, line)
              : await inChild(cell, quick);
        if ('skipped' in found) skipped.set(cell, found.skipped);
        else measured.get(cell)!.push(found);
      }
    }
  } finally {
    progress.end();
    anchors.remove();
    race.remove();
  }
  const taken = cells.filter((cell) => !skipped.has(cell));
  const figures = taken.map((cell) => cellFigures(cell, measured.get(cell)!));
  const anchorFigures = new Map<Anchor, AnchorFigures>();
  for (const anchor of anchors.all) {
    const cell = taken.find(anchor.cells);
    if (cell === undefined) continue;
    const rounds = anchored.get(anchor)!;
    const { id, title } = anchor;
    anchorFigures.set(anchor, { id, title, unit: unitOf(cell), ...spread(rounds), rounds });
  }
  const ratios = taken.flatMap((cell, i) =>
    anchors.all.filter((a) => a.cells(cell)).map((a) => ratio(figures[i]!, anchorFigures.get(a)!)),
  );
  const baseline = toBaseline(figures);
  const measuredAnchors = [...anchorFigures.values()];
  return {
    schema: 'lastref.bench/1',
    digest: digestOf(figures),
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    seed: BENCH_SEED,
    quick,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cpus: cpus().length,
      os: `${type()} ${release()}`,
      node: process.versions.node,
      v8: process.versions.v8,
    },
    cells: figures,
    baseline,
    noisePct: noiseOf(baseline),
    anchors: measuredAnchors,
    ratios,
    targets: targetFigures({ cells: figures, anchors: measuredAnchors, ratios, baseline }),
    missing: [...anchors.missing, ...[...skipped].map(([cell, why]) => `${cell.id}: ${why}`)],
  };
}

/** Indented, but each list of samples on one line. */
export function jsonText(doc: object): string {
  const digits = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  const text = JSON.stringify(doc, digits, 2);
  return `${text.replace(/\[[\d\s.,e+-]*\]/g, (list) => list.replace(/\s+/g, ' '))}\n`;
}
