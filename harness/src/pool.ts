// Jobs in parallel, each in a worker thread of its own, answers as they come.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UsageError } from './errors.ts';
import type { Answer, Job } from './job.ts';
import { FROM_SOURCE } from './registry.ts';

/** Runs every job; `onAnswer` is called for each cell. Rejects with the first error of a worker. */
export async function runJobs<J extends Job>(
  jobs: readonly J[],
  onAnswer: (answer: Answer<J>) => void,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++])
      await inWorker(job, onAnswer);
  };
  const lanes = Math.max(1, Math.min(jobs.length, availableParallelism()));
  await Promise.all(Array.from({ length: lanes }, lane));
}

function inWorker<J extends Job>(job: J, onAnswer: (answer: Answer<J>) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(
      new URL(FROM_SOURCE ? '../bin/worker-from-source.mjs' : './worker.js', import.meta.url),
      {
        workerData: job,
      },
    );
    worker.on('message', (message: Answer<J> | { failed: string }) => {
      if ('failed' in message) reject(new UsageError(message.failed));
      else onAnswer(message);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the isolate of ${job.file} ended with code ${code}`));
    });
  });
}
