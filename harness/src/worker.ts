// The isolate of one design.
import { parentPort, workerData } from 'node:worker_threads';
import { Broken, faultOf } from './candidate/rules.ts';
import { runIn } from './candidate/running.ts';
import { RunError } from './clock.ts';
import { UsageError } from './errors.ts';
import { runJob } from './job.ts';
import { nameOf, type Order, type Said } from './pool.ts';

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread');
const say = (said: Said): void => port.postMessage(said);
const { job, running } = workerData as Order;
if (running !== null) runIn(running);

try {
  for await (const answer of runJob(job)) say({ answer });
} catch (error) {
  if (error instanceof Broken) say({ answer: { fault: faultOf(nameOf(job), null, error) } });
  else if (error instanceof RunError || error instanceof UsageError) say({ failed: error.message });
  else throw error;
}
say({ done: true });
