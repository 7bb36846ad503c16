// `pnpm bench`: what the model costs in time. Counted costs lead the report (`lastref compare`); nanoseconds stand
// beside them and belong to one machine.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { CommanderError } from 'commander';
import { UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import { FROM_SOURCE, ROOT } from '../registry.ts';
import { installedAnchors, type Anchor } from './anchors.ts';
import { BENCH_SEED, CELLS, FULL, QUICK, type BenchCell } from './cells.ts';
import {
  cellFigures,
  digestOf,
  ratio,
  unitOf,
  type AnchorFigures,
  type BenchDocument,
} from './document.ts';
import type { Measured } from './measure.ts';
import { RaceProgram } from './race/measure.ts';
import { markdown, terminalText } from './render.ts';
import { spread } from './stats.ts';

/** A file beside this one, as it runs: source or built. */
const beside = (name: string): string =>
  fileURLToPath(new URL(`${name}${FROM_SOURCE ? '.ts' : '.js'}`, import.meta.url));
const CHILD = beside('child');
const run = promisify(execFile);

/** One cell in a process of its own, started as this one was. */
async function inChild(cell: BenchCell, quick: boolean): Promise<Measured> {
  const args = ['--expose-gc', CHILD, 'measure', cell.id, quick ? 'quick' : 'full'];
  const { stdout } = await run(process.execPath, [...process.execArgv, ...args], {
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as Measured;
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

/** All cells and anchors once per round, so that what drifts hits all alike. */
async function bench(rounds: number, quick: boolean): Promise<BenchDocument> {
  const plan = quick ? QUICK : FULL;
  const race = new RaceProgram(beside('race'));
  const anchors = installedAnchors(plan);
  const progress = new Progress('bench', rounds * (CELLS.length + anchors.all.length));
  const measured = new Map<BenchCell, Measured[]>(CELLS.map((cell) => [cell, []]));
  const anchored = new Map<Anchor, number[]>(anchors.all.map((anchor) => [anchor, []]));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const cell of CELLS) {
        for (const anchor of anchors.all) {
          // Just before the first of its cells: what is compared runs side by side.
          if (!anchor.cells(cell) || anchored.get(anchor)!.length > round) continue;
          anchored.get(anchor)!.push(await anchor.measure());
          progress.step(anchor.id);
        }
        const child = cell.kind === 'race' ? race.measure(cell, plan) : inChild(cell, quick);
        measured.get(cell)!.push(await child);
        progress.step(cell.id);
      }
    }
  } finally {
    progress.end();
    anchors.remove();
    race.remove();
  }
  const cells = CELLS.map((cell) => cellFigures(cell, measured.get(cell)!));
  const figures = new Map<Anchor, AnchorFigures>();
  for (const anchor of anchors.all) {
    const unit = unitOf(CELLS.find(anchor.cells)!);
    const values = anchored.get(anchor)!;
    const { id, title } = anchor;
    figures.set(anchor, { id, title, unit, ...spread(values), rounds: values });
  }
  const ratios = CELLS.flatMap((cell, i) =>
    anchors.all.filter((a) => a.cells(cell)).map((a) => ratio(cells[i]!, figures.get(a)!)),
  );
  return {
    schema: 'lastref.bench/1',
    digest: digestOf(cells),
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
    cells,
    anchors: [...figures.values()],
    ratios,
    missing: anchors.missing,
  };
}

/** Indented, but each list of samples on one line. */
function jsonText(doc: BenchDocument): string {
  const digits = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  const text = JSON.stringify(doc, digits, 2);
  return `${text.replace(/\[[\d\s.,e+-]*\]/g, (list) => list.replace(/\s+/g, ' '))}\n`;
}

function count(text: string): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < 1 || n > 1000)
    throw new InvalidArgumentError('It takes a whole number from 1 to 1000.');
  return n;
}

const program = new Command('bench')
  .description(
    'how fast the model is: the sk_buff cycle, a bulk TCP flow and exhaustive search, a process for each cell',
  )
  .addOption(
    new Option(
      '--rounds <n>',
      'how often every cell is run (default: 5, with --quick 2)',
    ).argParser(count),
  )
  .option('--quick', 'a minute, for a first look: smaller runs; nothing is written without --out')
  .option('--out <dir>', 'where bench.json and README.md go (default: results/bench)')
  .option('--json', 'print the document instead of the table')
  .allowExcessArguments(false)
  .exitOverride()
  .addHelpText(
    'after',
    `
LASTREF_ANCHORS  directory with climit/skb.c, the cycle in plain C, and spin/race.pml, the race model for SPIN,
                 if that is installed: built and run beside the cells
LASTREF_NS3      a built ns-3 program of the bulk scenario, run beside the cells

Examples:
  pnpm bench
  pnpm bench --quick --json`,
  )
  .action(async (options) => {
    const quick = options.quick === true;
    const doc = await bench(options.rounds ?? (quick ? 2 : 5), quick);
    const out = options.out ?? (quick ? undefined : join(ROOT, 'results', 'bench'));
    if (out !== undefined) {
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, 'bench.json'), jsonText(doc));
      writeFileSync(join(out, 'README.md'), markdown(doc));
    }
    process.stdout.write(options.json === true ? jsonText(doc) : terminalText(doc));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof UsageError) {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
