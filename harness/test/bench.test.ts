import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DEFAULT_ERA, eraOf } from '@lastref/kernel';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  BENCH_DESIGNS,
  CELLS,
  TARGETS,
  type Plan,
  ratioInterval,
  Cycle,
  RaceProgram,
  bulkCell,
  cycleDigest,
  cellsOf,
  designNamed,
  measureCommand,
  slower,
  spread,
  targetFigures,
  versus,
  measure as measured,
  type Measured,
} from '@lastref/bench';
import { benchCompareSchema, benchSchema, type BenchDocument } from '@lastref/report';
import { lastref, launcher } from './run-cli.ts';
import { sample } from '../../scripts/tier.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TINY: Plan = {
  batch: 100,
  cycleWarmup: 2,
  cycleSamples: 5,
  bulkBytes: 1_000_000,
  bulkWarmup: 1,
  bulkSamples: 2,
  raceSamples: 2,
};

/** Runs a script of the benchmark. */
async function script(name: string, ...args: string[]): Promise<{ stdout: string }> {
  const file = `packages/bench/dist/${name}`;
  return run(process.execPath, ['--expose-gc', file, ...args], { cwd: ROOT });
}

const measure = (...args: Parameters<typeof measured>): Measured => {
  const found = measured(...args);
  if ('skipped' in found) throw new Error(found.skipped);
  return found;
};

const BULK = CELLS.filter((cell) => cell.kind === 'bulk');
const CYCLES = CELLS.filter((cell) => cell.kind === 'cycle');

test.each(sample(BULK, 3))('$id does the same work with and without a clock', async (cell) => {
  const design = await designNamed(cell.design);
  const timed = measure(cell, design, TINY);
  expect(Math.min(...timed.samples)).toBeGreaterThan(0);
  expect(timed.digest).toBe(bulkCell(cell, design, TINY).runByClock().digest);
});

test.each(sample(CYCLES, 3, 1))('$id does the same work with and without a clock', async (cell) => {
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

test.each(sample(CYCLES, 6, 2))('a warm $id allocates nothing', async ({ id }) => {
  const growth = Number((await script('child.js', 'heap', id, '100000')).stdout);
  expect(growth).toBeLessThan(10_000); // bytes, in 100 000 cycles
});

test('a design that needs a connection to get its loans back has no cycle, and says so', async () => {
  const found = measured(CYCLES[0]!, await designNamed('splice-pipe-release'), TINY);
  expect(found).toEqual({ skipped: expect.stringContaining('connection') as string });
});

describe('an interval', () => {
  const noisy = (around: number, by: number): number[][] =>
    Array.from({ length: 5 }, (_, round) =>
      Array.from({ length: 20 }, (__, i) => around + by * (((i * 7 + round * 3) % 11) / 10 - 0.5)),
    );

  test('tells apart what differs by more than the noise, and not what does not', () => {
    const far = ratioInterval(noisy(130, 10), noisy(100, 10), true, 1);
    expect(far.low).toBeGreaterThan(1.2);
    expect(far.high).toBeLessThan(1.4);
    const near = ratioInterval(noisy(100.2, 40), noisy(100, 40), true, 1);
    expect(near.low).toBeLessThan(1);
    expect(near.high).toBeGreaterThan(1);
  });

  test('is the same for the same samples', () => {
    const once = ratioInterval(noisy(130, 10), noisy(100, 10), false, 7);
    expect(ratioInterval(noisy(130, 10), noisy(100, 10), false, 7)).toEqual(once);
  });

  test('of rounds that ran side by side does not mind a machine that became slower', () => {
    const slower = (rounds: number[][]): number[][] =>
      rounds.map((samples, round) => samples.map((t) => t * (1 + round)));
    const { low, high } = ratioInterval(slower(noisy(130, 2)), slower(noisy(100, 2)), true, 1);
    expect(high - low).toBeLessThan(0.05);
  });
});

describe('the command', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  const args = ['--quick', '--rounds', '1', '--scenarios', 'cycle/1', '--out', dir, '--json'];
  const file = join(dir, 'bench.json');
  let ran: ReturnType<typeof lastref>;
  let doc: BenchDocument;

  beforeAll(() => {
    ran = lastref('bench', '--designs', 'skb-destructor,own-acks', ...args);
    doc = benchSchema.parse(JSON.parse(ran.stdout));
  });

  test('keeps samples with where and on what they were taken, and sets each design beside the baseline', () => {
    expect(doc.cells.map((c) => c.id)).toEqual([
      'cycle/1/naive-sendpage',
      'cycle/1/skb-destructor',
    ]);
    expect(doc.missing.join()).toContain('cycle/1/own-acks: it gives loans back by');
    expect(doc.baseline!.map((r) => r.cell)).toEqual(['cycle/1/skb-destructor']);
    expect(doc.cells[0]!.rounds[0]!.length).toBe(20);
    expect(doc.machine.node).toBe(process.versions.node);
    expect(ran.stderr).toContain('rounds say little');
    expect(readFileSync(file, 'utf8')).toBe(ran.stdout);
  });

  test('sees no difference between a run and itself', () => {
    const compared = lastref('bench', '--compare', file, file, '--json');
    const { cells, warnings } = benchCompareSchema.parse(JSON.parse(compared.stdout));
    expect(cells.map((c) => [c.ratio, c.apart, c.same])).toEqual([
      [1, false, true],
      [1, false, true],
    ]);
    expect(warnings).toEqual([]);
  });

  test.each([
    [['--nothing'], 'unknown option'],
    [['--rounds', '0'], 'whole number'],
    [['extra'], "'extra' is too much"],
    [['--scenarios', 'cycl'], 'did you mean cycle'],
    [['--compare', 'x.json'], 'two files'],
    [['--fail-above', '60'], 'it goes with --compare'],
  ])('%j is one line and exit code 2', (wrong, hint) => {
    const failed = lastref('bench', ...wrong);
    expect([failed.code, failed.stdout]).toEqual([2, '']);
    expect(failed.stderr).toContain(hint);
  });
});

test('a whole command is timed from its start to its end, and what it used is shared out among its cells', async () => {
  const line = {
    script: launcher,
    execArgv: [],
    usage: join(ROOT, 'packages/bench/dist/usage.js'),
  };
  const typed =
    'compare --designs naive-sendpage --workloads receive-pool-reader,sendfile-locked --json';
  const cell = { kind: 'command', id: 'command/two', design: '', typed } as const;
  const whole = await measureCommand({ ...cell, unit: 's' }, line);
  const shared = await measureCommand({ ...cell, unit: 'ms of CPU/cell' }, line);
  expect(whole).toMatchObject({ runs: 1, digest: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(shared).toMatchObject({ digest: (whole as Measured).digest });
  const [seconds, perCell] = [whole, shared].map((m) => (m as Measured).samples[0]!);
  expect(seconds).toBeGreaterThan(0.05);
  expect(perCell).toBeGreaterThan(10); // that of one process and thread, shared by two
});

describe('two runs, on machines of which one is half as fast', () => {
  const run = (cells: Readonly<Record<string, readonly [unit: string, sample: number]>>) =>
    ({
      cells: Object.entries(cells).map(([id, [unit, sample]]) => ({
        id,
        unit,
        digest: '',
        rounds: Array.from({ length: 3 }, () => Array.from({ length: 9 }, () => sample)),
      })),
      machine: {},
    }) as unknown as BenchDocument;
  const old = run({ 'race/s/states': ['states/s', 1000], 'cycle/1/a': ['ns/cycle', 100] });
  const now = run({ 'race/s/states': ['states/s', 500], 'cycle/1/a': ['ns/cycle', 300] });

  test('times are divided by what the same search takes on each', () => {
    const { calibration, cells } = versus(old, now);
    expect(calibration).toBe(2);
    expect(cells.map(({ cell, ratio }) => [cell, ratio])).toEqual([['cycle/1/a', 1.5]]);
  });

  test('a gate lists what is slower by more than it allows', () => {
    const doc = versus(old, now);
    expect(slower(doc, 60)).toEqual([]);
    expect(slower(doc, 40)).toEqual(['cycle/1/a takes at least 1.50 times the time of before']);
    const fresh = run({ 'cycle/1/a': ['ns/cycle', 300] });
    expect(slower(versus(old, fresh), 100)).toHaveLength(1); // with no clock in common, times themselves
  });
});

describe('a target', () => {
  const figures = (unit: string, ...rounds: number[]) => ({ unit, rounds, ...spread(rounds) });
  const cell = (id: string, unit: string, ...rounds: number[]): BenchDocument['cells'][number] => ({
    ...figures(unit, ...rounds),
    id,
    kind: 'command',
    design: '',
    digest: '',
    rounds: rounds.map((r) => [r]),
  });
  const nothing = { anchors: [], ratios: [], baseline: [] };
  const says = (doc: Parameters<typeof targetFigures>[0]): unknown[] =>
    targetFigures(doc).map(({ cell: id, measured }) => [id, measured?.figure, measured?.says]);

  test('is met or not where all rounds are on one side of it, and undecided else', () => {
    const matrix = (...rounds: number[]): unknown =>
      says({ ...nothing, cells: [cell('command/matrix', 's', ...rounds)] });
    expect(matrix(8, 9, 10)).toEqual([['command/matrix', 9, 'met']]);
    expect(matrix(9, 10.5, 12)).toEqual([['command/matrix', 10.5, 'undecided']]);
    expect(matrix(11, 12)).toEqual([['command/matrix', 11.5, 'not met']]);
  });

  test('that is the least is met above it', () => {
    const bulk = { ...cell('bulk/0%-no-offload/naive-sendpage', 'segments/s', 80), kind: 'bulk' };
    const ratio = { cell: bulk.id, anchor: 'ns3/0%', ...figures('', 7.6, 8) };
    const anchors = [{ id: 'ns3/0%', title: '', ...figures('segments/s', 10, 10) }];
    const doc = { cells: [bulk as never], anchors, ratios: [ratio], baseline: [] };
    expect(says(doc)).toEqual([[bulk.id, 7.8, 'met']]);
    expect(targetFigures(doc)[0]!.measured!.beside).toBe('ns3/0% 10.0');
    const slow = { ...doc, ratios: [{ ...ratio, ...figures('', 6, 7) }] };
    expect(says(slow)).toEqual([[bulk.id, 6.5, 'not met']]);
  });

  test('of one cell beside another is a ratio within the rounds', () => {
    const cells = [
      cell('command/check-two', 's', 10, 20),
      cell('command/check-two-alone', 's', 18, 36),
    ];
    expect(says({ ...nothing, cells })).toEqual([
      ['command/check-two', 15, 'met'],
      ['command/check-two-alone', 1.8, 'met'],
    ]);
  });

  test('is said to be not measured where what it is set against was not', () => {
    const cells = [{ ...cell('cycle/17/naive-sendpage', 'ns/cycle', 300), kind: 'cycle' }];
    expect(says({ ...nothing, cells: cells as never })).toEqual([
      ['cycle/17/naive-sendpage', undefined, undefined],
    ]);
  });

  test('is set for cells that there are', () => {
    const ids = cellsOf(BENCH_DESIGNS).map((c) => c.id);
    expect(ids).toEqual(expect.arrayContaining(TARGETS.map((t) => t.cell)));
  });
});

test('the race model gives its verdict from a process of its own', async () => {
  const program = new RaceProgram(join(ROOT, 'packages/bench/src/race.ts'));
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
