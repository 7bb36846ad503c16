// The isolate of one design.
import { parentPort, workerData } from 'node:worker_threads';
import { RunError } from './clock.ts';
import { runJob, type Job } from './job.ts';

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread');

try {
  for await (const answer of runJob(workerData as Job)) port.postMessage(answer);
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  port.postMessage({ failed: error.message });
}
