// Jobs in parallel, each in a worker thread of its own, answers as they come.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Faulted } from './candidate/attempt.ts';
import { HEAP_MB, SEARCH_MB, type Fault } from './candidate/rules.ts';
import { RUNNING_BYTES } from './candidate/running.ts';
import { Watchdog } from './candidate/watchdog.ts';
import { UsageError } from './errors.ts';
import { cellsOf, runJob, sourcesOf, type Answer, type Job } from './job.ts';
import { FROM_SOURCE } from './registry.ts';

/** What a worker is given. */
export interface Order {
  readonly job: Job;
  /** Where it says what a candidate is doing; null: no candidate takes part. */
  readonly running: SharedArrayBuffer | null;
}

/** What a worker says. */
export type Said =
  { readonly answer: unknown } | { readonly failed: string } | { readonly done: true };

/** Does code run that is not of the repository? */
function isForeign(job: Job): boolean {
  return sourcesOf(job).some((source) => source.code !== null);
}

/** Names a job's candidate as long as nobody knows its id. */
export function nameOf(job: Job): string {
  const sources = sourcesOf(job);
  return (sources.find((source) => source.code !== null) ?? sources[0])?.name ?? job.kind;
}

/** Throws the first fault as misuse: for work that has no use for the answers of the others. */
function misuse(fault: Fault): never {
  throw new UsageError(fault.text);
}

/**
 * Runs every job; `onAnswer` is called for each cell, `onFault` for each that a candidate spoiled: the others go
 * on. Without `onFault` the first one rejects, as the first error of a design of the repository always does.
 */
export async function runJobs<J extends Job>(
  jobs: readonly J[],
  onAnswer: (answer: Answer<J>) => void,
  onFault: (fault: Fault) => void = misuse,
): Promise<void> {
  const ours = jobs.filter((job) => !isForeign(job));
  const theirs = jobs.filter(isForeign); // one after the other: what the process grows by is one candidate's doing
  const lane = async (queue: J[]): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift())
      await inWorker(job, onAnswer, onFault);
  };
  const lanes = Math.max(1, Math.min(jobs.length, availableParallelism()));
  await Promise.all([
    lane(theirs).then(() => lane(ours)),
    ...Array.from({ length: lanes - 1 }, () => lane(ours)),
  ]);
}

/** The one answer of `job`: here, or in an isolate where a candidate takes part. */
export async function ask<J extends Job>(job: J): Promise<Answer<J>> {
  const answers: Answer<J>[] = [];
  if (sourcesOf(job).length > 0) {
    await runJobs([job], (answer) => answers.push(answer));
  } else {
    for await (const answer of runJob(job)) answers.push(answer as Answer<J>);
  }
  return answers[0]!;
}

function isFault(answer: unknown): answer is Faulted {
  return typeof answer === 'object' && answer !== null && 'fault' in answer;
}

function inWorker<J extends Job>(
  job: J,
  onAnswer: (answer: Answer<J>) => void,
  onFault: (fault: Fault) => void,
): Promise<void> {
  const foreign = isForeign(job);
  return new Promise((resolve, reject) => {
    const running = foreign ? new SharedArrayBuffer(RUNNING_BYTES) : null;
    const order: Order = { job, running };
    const cells = cellsOf(job);
    const heapMb = cells.length === 0 ? SEARCH_MB : HEAP_MB;
    const worker = new Worker(
      new URL(FROM_SOURCE ? '../bin/worker-from-source.mjs' : './worker.js', import.meta.url),
      {
        workerData: order,
        ...(foreign ? { resourceLimits: { maxOldGenerationSizeMb: heapMb }, stdout: true } : {}),
      },
    );
    if (foreign) worker.stdout.on('data', (text: Buffer) => process.stderr.write(text)); // no answer of ours
    let answers = 0;
    let over = false;
    const dog =
      running === null
        ? null
        : new Watchdog(running, (fault) => end(() => onFault(fault)), {
            name: nameOf(job),
            file: sourcesOf(job)[0]!.file,
            cell: () => cells[answers] ?? null,
            heapMb,
            endless: cells.length === 0,
          });
    const end = (tell: () => void): void => {
      if (over) return;
      over = true;
      dog?.stop();
      try {
        tell();
        void worker.terminate().then(() => resolve(), reject);
      } catch (error) {
        void worker.terminate();
        reject(error);
      }
    };
    worker.on('message', (said: Said) => {
      if (over || typeof said !== 'object' || said === null) return;
      if ('done' in said) end(() => {});
      else if ('failed' in said) {
        end(() => {
          throw new UsageError(said.failed);
        });
      } else {
        answers++;
        try {
          if (isFault(said.answer)) onFault(said.answer.fault);
          else onAnswer(said.answer as Answer<J>);
        } catch (error) {
          end(() => {
            throw error;
          });
        }
      }
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      end(() => {
        if (dog === null) throw error;
        onFault(dog.died(error));
      });
    });
    worker.on('exit', (code) => {
      end(() => {
        if (dog === null) throw new Error(`the isolate of ${nameOf(job)} ended with code ${code}`);
        onFault(dog.left());
      });
    });
  });
}
