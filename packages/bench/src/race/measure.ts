// Measures a cell of the race model: whole processes, as SPIN's verifier is one.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { FROM_SOURCE } from '@lastref/runner';
import type { Plan, RaceCell } from '../cells.ts';
import type { Measured } from '../measure.ts';
import type { RaceRun } from '../race.ts';

const run = promisify(execFile);

/**
 * Runs a program to its end in a folder of its own, where it may leave files. Milliseconds from before it was started
 * until it was gone, and what it printed. Exit code `found` is an answer too.
 */
export async function timed(
  program: string,
  args: string[],
  cwd: string,
  found = 0,
): Promise<[ms: number, out: string]> {
  const started = process.hrtime.bigint();
  const { stdout } = await run(program, args, { cwd, maxBuffer: 1 << 26 }).catch(
    (error: { code?: unknown; stdout: string }) => {
      if (error.code !== found) throw error;
      return error;
    },
  );
  return [Number(process.hrtime.bigint() - started) / 1e6, stdout];
}

/** The search as one JavaScript file: Node loads it without a compiler, as it would load a released program. */
export class RaceProgram {
  private readonly dir = mkdtempSync(join(tmpdir(), 'lastref-race-'));
  private readonly file = join(this.dir, 'race.mjs');

  /** Builds it from the entry file, race.ts. */
  constructor(entry: string) {
    buildSync({
      entryPoints: [entry],
      outfile: this.file,
      bundle: true,
      minifySyntax: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: FROM_SOURCE ? ['@lastref/source'] : [],
    });
  }

  async measure(cell: RaceCell, plan: Plan): Promise<Measured> {
    const runs = cell.task === 'states' ? 1 : plan.raceSamples;
    const samples: number[] = [];
    const digests = new Set<string>();
    for (let i = 0; i < runs; i++) {
      const [ms, out] = await timed(process.execPath, [this.file, cell.task, cell.size], this.dir);
      const { seconds, ...found } = JSON.parse(out) as RaceRun;
      if (found.holds !== (cell.task !== 'refute')) throw new Error(`${cell.id}: ${out}`);
      digests.add(createHash('sha256').update(JSON.stringify(found)).digest('hex').slice(0, 16));
      if (cell.task === 'states') samples.push(found.states / seconds);
      else samples.push(cell.task === 'search' ? seconds * 1e3 : ms);
    }
    if (digests.size !== 1) throw new Error(`${cell.id}: the same search gave different results`);
    return { samples: samples.sort((a, b) => a - b), digest: [...digests][0]!, runs };
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}
