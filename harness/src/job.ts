// What a worker is asked and what it answers: one design on several workloads, in an isolate of its own, so
// that V8 sees one implementation of the seam at each call site.
import type { Design } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import type {
  CheckAnswer,
  CheckJob,
  ReplayAnswer,
  ReplayJob,
  ShortestAnswer,
  ShortestJob,
} from './asked.ts';
import type { BatchOptions } from '@lastref/search';
import { runBatch, swarmWorkloads, type BatchRecord } from './batch.ts';
import { attempt, type Faulted, type Subject } from './candidate/attempt.ts';
import type { Card } from './candidate/card.ts';
import type { Source } from './candidate/source.ts';
import type { ClaimsAnswer, ClaimsJob } from './claims/job.ts';
import { runClock, type CellAnswer } from './clock.ts';
import { matrixMovers, runMatrixCell, type MatrixCell } from './matrix.ts';
import type { MutantsAnswer, MutantsJob } from './mutants/job.ts';
import { findEra, loadCapture, loadDesign, type CaptureSource } from './registry.ts';
import type { StoryAnswer, StoryJob } from './story/job.ts';

export interface CompareJob {
  readonly kind: 'compare';
  readonly source: Source;
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
  readonly source: Source;
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
  readonly source: Source;
  readonly era: string;
  readonly round: number;
  readonly seed: number;
  /** Ids, of miniatures and of operations. */
  readonly workloads: readonly string[];
  readonly options: BatchOptions;
}

/** What stands at the top of a candidate's file. */
export interface CardJob {
  readonly kind: 'card';
  readonly source: Source;
}

/** Everything that an isolate can be asked. */
export type Job =
  | CompareJob
  | MatrixJob
  | StoryJob
  | SwarmJob
  | MutantsJob
  | ClaimsJob
  | CardJob
  | CheckJob
  | ReplayJob
  | ShortestJob;
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
          : J extends ClaimsJob
            ? ClaimsAnswer
            : J extends CardJob
              ? Card
              : J extends CheckJob
                ? CheckAnswer
                : J extends ReplayJob
                  ? ReplayAnswer
                  : ShortestAnswer;

/** Whose code a job runs, besides the repository's. */
export function sourcesOf(job: Job): readonly Source[] {
  if (job.kind === 'claims') return job.parts.map((part) => part.source);
  return 'candidates' in job ? job.candidates : [job.source];
}

/** The cells of a job, one answer each. */
export function cellsOf(job: Job): readonly string[] {
  switch (job.kind) {
    case 'compare':
    case 'swarm':
      return job.workloads;
    case 'matrix':
      return matrixMovers().map((m) => m.id);
    default:
      return [];
  }
}

/** Runs a job, answer by answer. */
export async function* runJob(job: Job): AsyncGenerator<Answer<Job> | Faulted> {
  switch (job.kind) {
    case 'compare':
      return yield* runCompare(job);
    case 'matrix':
      return yield* runMatrix(job);
    case 'swarm':
      return yield* runSwarm(job);
    // What an isolate is not asked for, it does not load: most of the time of a short job is loading.
    case 'story': {
      const { runStories } = await import('./story/job.ts');
      return yield* runStories(job, (await subjectOf(job.source)).design);
    }
    case 'mutants': {
      const { runMutants } = await import('./mutants/job.ts');
      return yield* runMutants(job, (await subjectOf(job.source)).raw);
    }
    case 'claims': {
      const { runClaims } = await import('./claims/job.ts');
      return yield* runClaims(job, async (source) => (await subjectOf(source)).design);
    }
    case 'card': {
      const { cardOf } = await import('./candidate/card.ts');
      return yield cardOf((await subjectOf(job.source)).raw);
    }
    case 'check':
      return yield* (await import('./asked.ts')).runCheck(job);
    case 'replay':
      return yield* (await import('./asked.ts')).runReplay(job);
    case 'shortest':
      return yield* (await import('./asked.ts')).runShortest(job);
  }
}

interface Loaded extends Subject {
  readonly design: Design;
  /** Without a candidate's guard, for those who look at its class. */
  readonly raw: Design;
}

async function subjectOf(source: Source): Promise<Loaded> {
  if (source.code !== null) {
    const { loadCandidate } = await import('./candidate/load.ts');
    const loaded = await loadCandidate(source);
    return { ...loaded, id: loaded.raw.id, source };
  }
  const { design } = await loadDesign(source.file);
  return { design, raw: design, watch: null, id: design.id, source };
}

/** One answer per workload. */
async function* runSwarm(job: SwarmJob): AsyncGenerator<BatchRecord | Faulted> {
  const subject = await subjectOf(job.source);
  const { design } = subject;
  const era = findEra(job.era);
  const known = swarmWorkloads();
  const when = `era ${era.id}, seed ${job.seed}`;
  for (const id of job.workloads) {
    const workload = known.find((w) => w.id === id)!;
    const input = { design, workload, era, seed: job.seed };
    yield attempt(subject, id, when, () => runBatch(input, job.round, job.options));
  }
}

/** One answer per operation. */
export async function* runMatrix(job: MatrixJob): AsyncGenerator<MatrixAnswer | Faulted> {
  const subject = await subjectOf(job.source);
  const { design } = subject;
  const era = findEra(job.era);
  const when = `era ${era.id}`;
  for (const mover of matrixMovers()) {
    yield attempt(subject, mover.id, when, () => {
      const cell = runMatrixCell(design, mover, era, job.faults);
      return { design: design.id, mover: mover.id, cell };
    });
  }
}

/** One answer per workload. */
async function* runCompare(job: CompareJob): AsyncGenerator<CellAnswer | Faulted> {
  const subject = await subjectOf(job.source);
  const { design } = subject;
  const era = findEra(job.era);
  for (const id of job.workloads) {
    const workload = workloadCalled(id) ?? loadCapture(job.capture);
    const input = { design, workload, era, seed: job.seed };
    yield attempt(subject, id, `era ${era.id}`, () => runClock(input, job.repeat, job.capture));
  }
}
