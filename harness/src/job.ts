// What a worker is asked and what it answers: one design on several workloads, in an isolate of its own, so
// that V8 sees one implementation of the seam at each call site.
import type { Finding, HoldTimes, Judgement } from '@lastref/judge';
import { quantiles } from '@lastref/judge';
import type { Design } from '@lastref/kernel';
import { workloadCalled, type Workload } from '@lastref/workloads';
import { loadCandidate } from './candidate.ts';
import {
  ROOT,
  captureDigest,
  findEra,
  loadCapture,
  loadDesign,
  type CaptureSource,
} from './registry.ts';
import { Cell, type BatchOptions, type CellInput, type CellResult } from '@lastref/search';
import { runBatch, swarmWorkloads, type BatchRecord } from './batch.ts';
import { matrixMovers, runMatrixCell, type MatrixCell } from './matrix.ts';
import { runMutants, type MutantsAnswer, type MutantsJob } from './mutants/job.ts';
import { runStories, type StoryAnswer, type StoryJob } from './story/job.ts';
import { encodeToken } from './token.ts';

export interface CompareJob {
  readonly kind: 'compare';
  readonly file: string;
  /** Ids; `capture` is the file below. */
  readonly workloads: readonly string[];
  readonly capture: CaptureSource;
  readonly era: string;
  readonly seed: number;
  readonly repeat: number;
}

export interface FoundAt extends Finding {
  readonly seed: number;
  readonly token: string;
}

/** One design on one workload over all seeds. */
export interface CellAnswer {
  readonly design: string;
  readonly workload: string;
  readonly judgement: Judgement;
  readonly findings: readonly FoundAt[];
  readonly hold: HoldTimes;
  readonly lent: HoldTimes;
  readonly costs: CellResult['costs'];
  readonly progress: CellResult['progress'];
  readonly steps: number;
  readonly ticks: number;
  readonly drained: boolean;
  readonly digests: readonly string[];
}

/** A run that the machine or the seam stopped: one line with the place. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

/** Runs one cell; what it throws gets the place and the way back. */
function runCell(input: CellInput): CellResult {
  const cell = new Cell(input);
  try {
    return cell.runByClock();
  } catch (error) {
    const { name, message } = error as Error;
    const { design, workload, era, seed } = input;
    throw new RunError(
      `${name}: ${message} (${design.id} on ${workload.id}, era ${era.id}, seed ${seed}, step ${cell.judge.step})`,
      { cause: error },
    );
  }
}

/** How a token names a workload. */
export function tokenWorkload(workload: Workload, capture: CaptureSource): string {
  return workload.id === 'capture'
    ? `capture-${captureDigest(capture.file)}-${capture.driverTicks}`
    : workload.id;
}

/** The column of one design in the matrix of operations. */
export interface MatrixJob {
  readonly kind: 'matrix';
  readonly file: string;
  readonly era: string;
  readonly faults: boolean;
}

export interface MatrixAnswer {
  readonly design: string;
  readonly mover: string;
  readonly cell: MatrixCell;
}

/** One round of a campaign for one design: a batch of random runs on each workload. */
export interface SwarmJob {
  readonly kind: 'swarm';
  readonly file: string;
  readonly era: string;
  readonly round: number;
  readonly seed: number;
  /** Ids, of miniatures and of operations. */
  readonly workloads: readonly string[];
  readonly options: BatchOptions;
}

export type Job = CompareJob | MatrixJob | StoryJob | SwarmJob | MutantsJob;
export type Answer<J extends Job> = J extends CompareJob
  ? CellAnswer
  : J extends MatrixJob
    ? MatrixAnswer
    : J extends StoryJob
      ? StoryAnswer
      : J extends SwarmJob
        ? BatchRecord
        : MutantsAnswer;

/** Runs a job, answer by answer. */
export async function* runJob(
  job: Job,
): AsyncGenerator<CellAnswer | MatrixAnswer | StoryAnswer | BatchRecord | MutantsAnswer> {
  switch (job.kind) {
    case 'compare':
      return yield* runCompare(job);
    case 'matrix':
      return yield* runMatrix(job);
    case 'swarm':
      return yield* runSwarm(job);
    case 'story':
      return yield* runStories(job, await designOf(job.file));
    case 'mutants':
      return yield* runMutants(job, await designOf(job.file));
  }
}

/** One answer per workload. */
async function* runSwarm(job: SwarmJob): AsyncGenerator<BatchRecord> {
  const design = await designOf(job.file);
  const era = findEra(job.era);
  const known = swarmWorkloads();
  for (const id of job.workloads) {
    const workload = known.find((w) => w.id === id)!;
    try {
      yield runBatch({ design, workload, era, seed: job.seed }, job.round, job.options);
    } catch (error) {
      const { name, message } = error as Error;
      throw new RunError(
        `${name}: ${message} (${design.id} on ${id}, era ${era.id}, seed ${job.seed})`,
        { cause: error },
      );
    }
  }
}

async function designOf(file: string): Promise<Design> {
  return (await (file.startsWith(ROOT) ? loadDesign : loadCandidate)(file)).design;
}

/** One answer per operation. */
export async function* runMatrix(job: MatrixJob): AsyncGenerator<MatrixAnswer> {
  const design = await designOf(job.file);
  const era = findEra(job.era);
  for (const mover of matrixMovers()) {
    try {
      yield {
        design: design.id,
        mover: mover.id,
        cell: runMatrixCell(design, mover, era, job.faults),
      };
    } catch (error) {
      const { name, message } = error as Error;
      throw new RunError(`${name}: ${message} (${design.id} under ${mover.id}, era ${era.id})`, {
        cause: error,
      });
    }
  }
}

/** One answer per workload. */
async function* runCompare(job: CompareJob): AsyncGenerator<CellAnswer> {
  const design = await designOf(job.file);
  const era = findEra(job.era);
  for (const id of job.workloads) {
    const workload = workloadCalled(id) ?? loadCapture(job.capture);
    const results: CellResult[] = [];
    const findings = new Map<string, FoundAt>();
    for (let i = 0; i < job.repeat; i++) {
      const seed = job.seed + i;
      const input = { design, workload, era, seed };
      const result = runCell(input);
      results.push(result);
      result.judgement.findings.forEach((finding, n) => {
        const key = `${finding.property}/${finding.harm}/${finding.where}`;
        const known = findings.get(key);
        if (known !== undefined) {
          known.count += finding.count;
          return;
        }
        const trace = result.traces[n]!;
        const replayed = new Cell(input).play(trace);
        const token = encodeToken({
          design: design.id,
          workload: tokenWorkload(workload, job.capture),
          era: era.id,
          seed,
          trace,
          check: replayed.digest,
        });
        findings.set(key, { ...finding, seed, token });
      });
    }
    yield merge(design.id, id, results, [...findings.values()]);
  }
}

/** Adds up the runs of all seeds. */
function merge(
  design: string,
  workload: string,
  results: readonly CellResult[],
  findings: readonly FoundAt[],
): CellAnswer {
  const first = results[0]!;
  const verdicts = { ...first.judgement.verdicts };
  for (const { judgement } of results) {
    for (const property of Object.keys(verdicts) as (keyof typeof verdicts)[]) {
      const verdict = judgement.verdicts[property];
      if (verdict === 'refuted' || verdicts[property] === 'not-exercised')
        verdicts[property] = verdict;
    }
  }
  const sum = (
    pick: (r: CellResult) => Readonly<Record<string, number>>,
  ): Record<string, number> => {
    const total: Record<string, number> = {};
    for (const r of results)
      for (const [k, n] of Object.entries(pick(r))) total[k] = (total[k] ?? 0) + n;
    return total;
  };
  return {
    design,
    workload,
    judgement: {
      ...first.judgement,
      verdicts,
      loans: results.reduce((n, r) => n + r.judgement.loans, 0),
      completions: results.reduce((n, r) => n + r.judgement.completions, 0),
      contexts: sum((r) => r.judgement.contexts) as Judgement['contexts'],
      stretchedBy: sum((r) => r.judgement.stretchedBy) as Judgement['stretchedBy'],
      reads: sum((r) => r.judgement.reads),
    },
    findings,
    hold: quantiles(results.flatMap((r) => [...r.judgement.holdSamples])),
    lent: quantiles(results.flatMap((r) => [...r.judgement.lentSamples])),
    costs: {
      lent: sum((r) => r.costs.lent),
      ordinary: sum((r) => r.costs.ordinary),
      peer: sum((r) => r.costs.peer),
    },
    progress: first.progress.map((p, i) => ({
      name: p.name,
      done: results.reduce((n, r) => n + r.progress[i]!.done, 0),
      of: results.reduce((n, r) => n + r.progress[i]!.of, 0),
    })),
    steps: results.reduce((n, r) => n + r.steps, 0),
    ticks: results.reduce((n, r) => n + r.ticks, 0),
    drained: results.every((r) => r.drained),
    digests: results.map((r) => r.digest),
  };
}
