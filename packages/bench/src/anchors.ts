// What the figures are set beside: a plain C program of the cycle, the model checkers SPIN and rumur on the race
// model, and the ns-3 network simulator. All are optional: LASTREF_ANCHORS names a directory with climit/skb.c and
// spin/race.pml, LASTREF_NS3 a built program of the bulk scenario.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '@lastref/runner';
import { BASELINE, CELLS, FRAGS, LOSSES, type BenchCell, type Plan } from './cells.ts';
import { rumurAnchors, rumurInstalled } from './race/rumur.ts';
import { spinAnchors, spinInstalled } from './race/spin.ts';

const run = promisify(execFile);

/** For those who want them beside the cells. */
export const ANCHORS_HELP = `LASTREF_ANCHORS  directory with climit/skb.c, the cycle in plain C, and spin/race.pml, the race model for SPIN,
                 if that is installed (and rumur on ours): built and run beside the cells
LASTREF_NS3      a built ns-3 program of the bulk scenario, run beside the cells`;

/** A program that does the work of some cells. */
export interface Anchor {
  readonly id: string;
  readonly title: string;
  /** The cells that do the same work. */
  readonly cells: (cell: BenchCell) => boolean;
  readonly measure: () => Promise<number>;
}

/** Figures of others' programs on another machine: for orientation where none is installed. */
export const PUBLISHED = [
  'plain C, -O2, 1 / 4 / 17 frags: 26 / 31 / 55 ns per cycle',
  'SPIN 6.5.2 with its reduction, sizes s / m of the race model: 0.94 / 2.97 s',
  'ns-3 3.37 optimised, 0 % / 1 % loss: 57 776 / 130 692 segments per second',
];

function metric(stdout: string, name: string): number {
  const text = new RegExp(`^METRIC ${name} ([0-9.]+)`, 'm').exec(stdout)?.[1];
  if (text === undefined) throw new Error(`an anchor printed no ${name}: ${stdout.slice(0, 200)}`);
  return Number(text);
}

function compiler(): string | undefined {
  for (const cc of [process.env['CC'] ?? 'cc', 'gcc', 'clang']) {
    try {
      execFileSync(cc, ['--version'], { stdio: 'ignore' });
      return cc;
    } catch {
      // not this one
    }
  }
  return undefined;
}

/** Plain C, counters without lock prefix; naive-sendpage counts pages, ian-frag-destructor one record per skb. */
function cycleAnchors(program: string, plan: Plan): Anchor[] {
  const cycles = String(plan.batch * plan.cycleSamples * 10);
  return FRAGS.flatMap((frags) =>
    [false, true].map((record) => ({
      id: `c/${frags}/${record ? 'record' : 'pages'}`,
      title: `plain C, ${frags} frags, ${record ? 'counts one record per skb' : 'counts pages'}`,
      cells: (cell: BenchCell) =>
        cell.kind === 'cycle' &&
        cell.frags === frags &&
        cell.design === (record ? 'ian-frag-destructor' : BASELINE),
      measure: async () => {
        const args = [String(frags), '1', cycles, '1', record ? '1' : '0'];
        return metric((await run(program, args)).stdout, 'ns_per_cycle');
      },
    })),
  );
}

function bulkAnchors(program: string, plan: Plan): Anchor[] {
  const name = basename(program);
  return LOSSES.map((lossPpm) => ({
    id: `${name}/${lossPpm / 10_000}%`,
    title: `ns-3 (${name}), ${lossPpm / 10_000} % loss`,
    cells: (cell: BenchCell) => cell.kind === 'bulk' && cell.lossPpm === lossPpm,
    measure: async () => {
      const args = [`--mb=${plan.bulkBytes / 1e6}`, `--loss=${lossPpm / 1e6}`];
      return metric((await run(program, args)).stdout, 'segments_per_s');
    },
  }));
}

export interface Anchors {
  readonly all: readonly Anchor[];
  /** Why there is none, or fewer. */
  readonly missing: readonly string[];
  readonly remove: () => void;
}

/** A source file that LASTREF_ANCHORS promises. */
function sourceIn(dir: string, ...path: string[]): string {
  const source = join(dir, ...path);
  if (!existsSync(source)) throw new UsageError(`LASTREF_ANCHORS: there is no ${source}`);
  return source;
}

/** Plain C and the model checkers, built in `dir`. */
function builtAnchors(sources: string, dir: string, plan: Plan, missing: string[]): Anchor[] {
  const cycle = sourceIn(sources, 'climit', 'skb.c');
  const cc = compiler();
  if (cc === undefined) {
    missing.push('plain C, SPIN and rumur: not installed (no C compiler)');
    return [];
  }
  const program = join(dir, 'skb');
  execFileSync(cc, ['-O2', '-DATOMIC=0', '-o', program, cycle], { stdio: 'inherit' });
  const all = cycleAnchors(program, plan);
  const cells = CELLS.filter((cell) => cell.kind === 'race');
  if (spinInstalled()) {
    all.push(...spinAnchors(sourceIn(sources, 'spin', 'race.pml'), dir, cc, cells));
  } else {
    missing.push('SPIN: not installed (no spin on the path)');
  }
  if (rumurInstalled()) all.push(...rumurAnchors(dir, cc, cells));
  else missing.push('rumur: not installed (no rumur on the path)');
  return all;
}

/** Builds what the environment names. */
export function installedAnchors(plan: Plan): Anchors {
  const all: Anchor[] = [];
  const missing: string[] = [];
  let dir: string | undefined;
  const sources = process.env['LASTREF_ANCHORS'];
  if (sources === undefined || sources === '') {
    missing.push('plain C, SPIN and rumur: not installed (LASTREF_ANCHORS is not set)');
  } else {
    dir = mkdtempSync(join(tmpdir(), 'lastref-bench-'));
    all.push(...builtAnchors(sources, dir, plan, missing));
  }
  const ns3 = process.env['LASTREF_NS3'];
  if (ns3 === undefined || ns3 === '') {
    missing.push('ns-3: not installed (LASTREF_NS3 is not set)');
  } else {
    if (!existsSync(ns3)) throw new UsageError(`LASTREF_NS3: there is no ${ns3}`);
    all.push(...bulkAnchors(ns3, plan));
  }
  return {
    all,
    missing,
    remove: () => {
      if (dir !== undefined) rmSync(dir, { recursive: true });
    },
  };
}
