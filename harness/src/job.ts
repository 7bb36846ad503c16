// What a worker is asked and what it answers: one design on several workloads, in an isolate of its own, so
// that V8 sees one implementation of the seam at each call site.
import type { Design } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import { loadCandidate } from './candidate.ts';
import { ROOT, findEra, loadCapture, loadDesign, type CaptureSource } from './registry.ts';
import type { BatchOptions } from '@lastref/search';
import { runBatch, swarmWorkloads, type BatchRecord } from './batch.ts';
import { runClaims, type ClaimsAnswer, type ClaimsJob } from './claims/job.ts';
import { RunError, runClock, type CellAnswer } from './clock.ts';
import { matrixMovers, runMatrixCell, type MatrixCell } from './matrix.ts';
import { runMutants, type MutantsAnswer, type MutantsJob } from './mutants/job.ts';
import { runStories, type StoryAnswer, type StoryJob } from './story/job.ts';

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

export type Job = CompareJob | MatrixJob | StoryJob | SwarmJob | MutantsJob | ClaimsJob;
export type Answer<J extends Job> = J extends CompareJob
  ? CellAnswer
  : J extends MatrixJob
    ? MatrixAnswer
    : J extends StoryJob
      ? StoryAnswer
      : J extends SwarmJob
        ? BatchRecord
        : J extends MutantsJob
          ? MutantsAnswer
          : ClaimsAnswer;

/** Runs a job, answer by answer. */
export async function* runJob(job: Job): AsyncGenerator<Answer<Job>> {
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
    case 'claims':
      return yield* runClaims(job, await designOf(job.file));
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
    yield runClock({ design, workload, era, seed: job.seed }, job.repeat, job.capture);
  }
}
