// Measures one cell in this process. The same work done without a clock gives the same digest.
import { DEFAULT_ERA, eraOf, type Design } from '@lastref/kernel';
import { ClockPicker } from '@lastref/workloads';
import { Bench, type FnOptions } from 'tinybench';
import { Cell, digestOf } from '@lastref/search';
import { bulkWorkload, MSS } from './bulk.ts';
import { BENCH_SEED, type BulkCell, type CycleCell, type Plan } from './cells.ts';
import { Cycle } from './cycle.ts';

/** What a process reports of its cell. */
export interface Measured {
  /** In the cell's unit, sorted. */
  readonly samples: readonly number[];
  readonly digest: string;
  /** Cycles, bulk runs or processes made in all, warm-up included. */
  readonly runs: number;
}

/** Why a design has no such cell. */
export interface Skipped {
  readonly skipped: string;
}

const era = eraOf(DEFAULT_ERA)!;

/** Loads this design and no other: what an isolate has run before makes each of them slower. */
export async function designNamed(id: string): Promise<Design> {
  const module = (await import(`@lastref/strategies/${id}`)) as { design: Design };
  return module.design;
}

/** Full collections move what lives long out of the young generation, where no barrier is owed for it. */
function settle(): void {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
}

/** Milliseconds of each timed call of `fn`, sorted. */
function time(fn: () => void, warmup: number, samples: number, hooks: FnOptions = {}): number[] {
  const bench = new Bench({
    time: 0,
    iterations: samples,
    warmupTime: 0,
    warmupIterations: warmup,
    timestampProvider: 'hrtimeNow',
    retainSamples: true,
    throws: true,
  });
  bench.add('cell', fn, hooks);
  bench.runSync();
  const result = bench.tasks[0]!.result;
  if (result.state !== 'completed' || result.latency.samples === undefined)
    throw new Error(`the bench ended as '${result.state}'`);
  return [...result.latency.samples];
}

/** Cycles after which a design that gives nothing back without a connection is known. */
const TRIAL = 16;

function measureCycle(cell: CycleCell, design: Design, plan: Plan): Measured | Skipped {
  const trial = new Cycle(design, era, cell.frags);
  trial.run(TRIAL);
  if (trial.leaks() !== 0)
    return { skipped: 'it gives loans back by what a connection does, and the cycle has none' };
  const cycle = new Cycle(design, era, cell.frags);
  cycle.run(plan.batch);
  settle();
  const { batch } = plan;
  const ms = time(() => cycle.run(batch), plan.cycleWarmup, plan.cycleSamples);
  if (cycle.leaks() !== 0)
    throw new Error(`${cell.id}: ${cycle.leaks()} objects did not come back`);
  return {
    samples: ms.map((t) => (t * 1e6) / batch),
    digest: cycleDigest(cycle),
    runs: cycle.cycles,
  };
}

export function cycleDigest(cycle: Cycle): string {
  return digestOf(cycle.k, cycle.cycles);
}

export function bulkCell(cell: BulkCell, design: Design, plan: Plan): Cell {
  const { lossPpm, offload } = cell;
  const workload = bulkWorkload({ bytes: plan.bulkBytes, lossPpm, offload });
  return new Cell({ design, workload, era, seed: BENCH_SEED });
}

/** Takes every step of a run, as `Cell.runByClock` does; the end of the run and its digest are not part of it. */
export function drive(cell: Cell): void {
  const { judge, scenario, recorder } = cell;
  const { agenda } = cell.k;
  const picker = new ClockPicker(BENCH_SEED, scenario.chances, recorder);
  while (picker.step(agenda)) judge.afterStep();
}

/** The sink has every byte. */
function arrived(cell: Cell): boolean {
  const { done, of } = cell.scenario.participants[0]!.progress();
  return done === of;
}

function measureBulk(cell: BulkCell, design: Design, plan: Plan): Measured | Skipped {
  let next = bulkCell(cell, design, plan);
  drive(next);
  if (!arrived(next))
    return { skipped: 'its producer is never told, and has no pages left to send' };
  let segments = 0;
  let runs = 0;
  const digests = new Set<string>();
  const beforeEach = (): void => {
    next = bulkCell(cell, design, plan);
  };
  const afterEach = (): void => {
    if (!arrived(next)) throw new Error(`${cell.id}: not all bytes came`);
    segments = next.scenario.participants[0]!.progress().done / MSS;
    digests.add(digestOf(next.k, next.judge.step - 1));
    runs++;
  };
  const hooks = { beforeEach, afterEach };
  const ms = time(() => drive(next), plan.bulkWarmup, plan.bulkSamples, hooks);
  if (digests.size !== 1) throw new Error(`${cell.id}: the same run gave ${digests.size} digests`);
  const samples = ms.map((t) => segments / (t / 1e3)).sort((a, b) => a - b);
  return { samples, digest: [...digests][0]!, runs };
}

export function measure(
  cell: CycleCell | BulkCell,
  design: Design,
  plan: Plan,
): Measured | Skipped {
  return cell.kind === 'cycle' ? measureCycle(cell, design, plan) : measureBulk(cell, design, plan);
}

/** Bytes by which the heap grew over `cycles` warm cycles; the least of a few tries, as V8 has work of its own. */
export function heapGrowth(design: Design, frags: number, cycles: number): number {
  const cycle = new Cycle(design, era, frags);
  cycle.run(300_000);
  settle();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const before = process.memoryUsage().heapUsed;
    cycle.run(cycles);
    least = Math.min(least, process.memoryUsage().heapUsed - before);
  }
  return least;
}
