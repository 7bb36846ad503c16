// The SPIN model checker on the same scopes: `spin` makes a verifier from the Promela model, a C compiler builds
// it, and what is measured is that verifier alone, as SPIN's users would run it for this model.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Anchor } from '../anchors.ts';
import type { RaceCell } from '../cells.ts';
import { timed } from './measure.ts';
import { SIZES, type Size, type Task } from './sizes.ts';

/** Verifier options by task: what SPIN is best at. */
const OPTIONS: Record<Task, { title: string; design: 0 | 1; flags: readonly string[] }> = {
  states: { title: 'no reduction', design: 1, flags: ['-DNOREDUCE'] },
  verdict: { title: 'partial-order reduction', design: 1, flags: [] },
  search: { title: 'partial-order reduction, search alone', design: 1, flags: [] },
  refute: { title: 'breadth first', design: 0, flags: ['-DBFS'] },
};

function figure(out: string, pattern: RegExp): number {
  const text = pattern.exec(out)?.[1];
  if (text === undefined) throw new Error(`SPIN's verifier printed no ${pattern.source}`);
  return Number(text);
}

/** What a finished verifier says, in the cell's unit; it rounds its own seconds to hundredths. */
function read(task: Task, ms: number, out: string): number {
  const failed = figure(out, /errors: (\d+)/) > 0;
  if (failed !== (task === 'refute')) throw new Error(`SPIN disagrees on ${task}: ${out}`);
  if (task === 'verdict' || task === 'refute') return ms;
  const seconds = figure(out, /elapsed time ([\d.e+-]+) seconds/);
  return task === 'search' ? seconds * 1e3 : figure(out, /([\d.e+]+) states, stored/) / seconds;
}

function anchor(model: string, dir: string, cc: string, size: Size, task: Task): Anchor {
  const { pages, retransmissions, queue, segments, wire } = SIZES[size];
  const { title, design, flags } = OPTIONS[task];
  const work = join(dir, `${size}-${task}`);
  mkdirSync(work, { recursive: true });
  const constants = { NSEG: pages, RTX: retransmissions, QD: queue, TOT: segments, ND: wire };
  const defines = Object.entries({ ...constants, DESIGN: design }).map(([k, v]) => `-D${k}=${v}`);
  const here = { cwd: work, stdio: 'pipe' } as const;
  execFileSync('spin', [...defines, '-a', model], here);
  execFileSync(cc, ['-w', '-O2', '-DSAFETY', ...flags, '-o', 'pan', 'pan.c'], here);
  return {
    id: `spin/${size}/${task}`,
    title: `SPIN on the race model, ${title}`,
    cells: (cell) => cell.kind === 'race' && cell.size === size && cell.task === task,
    measure: async () => {
      const [ms, out] = await timed(join(work, 'pan'), [], work);
      return read(task, ms, out);
    },
  };
}

/** Is SPIN there? */
export function spinInstalled(): boolean {
  try {
    execFileSync('spin', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A verifier for each cell, built in `dir` from the Promela model. */
export function spinAnchors(
  model: string,
  dir: string,
  cc: string,
  cells: readonly RaceCell[],
): Anchor[] {
  return cells.map(({ size, task }) => anchor(model, dir, cc, size, task));
}
