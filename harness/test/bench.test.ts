import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DEFAULT_ERA, eraOf } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { CELLS, type Plan } from '../src/bench/cells.ts';
import { Cycle } from '../src/bench/cycle.ts';
import { RaceProgram } from '../src/bench/race/measure.ts';
import { bulkCell, cycleDigest, designNamed, measure } from '../src/bench/measure.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = ['--import', 'tsx', '--conditions=@lastref/source'];
const TINY: Plan = {
  batch: 100,
  cycleWarmup: 2,
  cycleSamples: 5,
  bulkBytes: 1_000_000,
  bulkWarmup: 1,
  bulkSamples: 2,
  raceSamples: 2,
};

/** Runs a script of the benchmark from source. */
async function script(name: string, ...args: string[]): Promise<{ stdout: string }> {
  const file = `harness/src/bench/${name}`;
  return run(process.execPath, [...SOURCE, '--expose-gc', file, ...args], { cwd: ROOT });
}

const BULK = CELLS.filter((cell) => cell.kind === 'bulk');
const CYCLES = CELLS.filter((cell) => cell.kind === 'cycle');

test.each(BULK)('$id does the same work with and without a clock', async (cell) => {
  const design = await designNamed(cell.design);
  const timed = measure(cell, design, TINY);
  expect(Math.min(...timed.samples)).toBeGreaterThan(0);
  expect(timed.digest).toBe(bulkCell(cell, design, TINY).runByClock().digest);
});

test.each(CYCLES)('$id does the same work with and without a clock', async (cell) => {
  const design = await designNamed(cell.design);
  const timed = measure(cell, design, TINY);
  const cycle = new Cycle(design, eraOf(DEFAULT_ERA)!, cell.frags);
  cycle.run(timed.runs);
  expect(Math.min(...timed.samples)).toBeGreaterThan(0);
  expect(timed.digest).toBe(cycleDigest(cycle));
  expect(cycle.leaks()).toBe(0);
});

test('both designs see the same in the cycle', async () => {
  const sums: number[] = [];
  for (const id of ['naive-sendpage', 'ian-frag-destructor']) {
    const cycle = new Cycle(await designNamed(id), eraOf(DEFAULT_ERA)!, 17);
    cycle.run(4096);
    sums.push(cycle.checksum);
    expect(cycle.lender.completions).toBe(4096);
  }
  expect(sums[0]).toBe(sums[1]);
});

test.each(CYCLES)('a warm $id allocates nothing', async ({ id }) => {
  const growth = Number((await script('child.ts', 'heap', id, '100000')).stdout);
  expect(growth).toBeLessThan(10_000); // bytes, in 100 000 cycles
});

test.each([[['--nothing']], [['--rounds', '0']], [['extra']]])(
  'a wrong flag is one line and exit code 2: %j',
  async (args) => {
    const failed = await script('main.ts', ...args).then(
      () => expect.fail('it should not run'),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect(failed).toMatchObject({ code: 2, stdout: '' });
    expect(failed.stderr).toMatch(/^error: .+\n$/);
  },
);

test('the race model gives its verdict from a process of its own', async () => {
  const program = new RaceProgram(join(ROOT, 'harness/src/bench/race.ts'));
  try {
    for (const cell of CELLS) {
      if (cell.kind !== 'race' || cell.size !== 's' || cell.task === 'states') continue;
      const { samples, runs } = await program.measure(cell, TINY); // throws if the verdict is another
      expect(samples).toHaveLength(runs);
      expect(samples[0]).toBeGreaterThan(0);
    }
  } finally {
    program.remove();
  }
});
