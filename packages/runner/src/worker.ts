// What a worker thread does: answers what it is asked, cell by cell.
import { parentPort, workerData } from 'node:worker_threads';
import { Broken, faultOf } from './candidates/rules.ts';
import { runIn } from './candidates/running.ts';
import { CouldNot, RunError, UsageError } from './errors.ts';
import type { House } from './house.ts';
import { Isolate, answers } from './isolate.ts';
import { nameOf, type Order, type Said } from './pool.ts';

/** Serves the order that this thread was started with. */
export async function serve(house: House): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('only a worker thread serves');
  const say = (said: Said): void => port.postMessage(said);
  const { kind, asks, running } = workerData as Order;
  if (running !== null) runIn(running);
  const { question } = await house.questions[kind]!();
  const isolate = new Isolate(house);
  let asked = asks[0];
  try {
    for (const ask of asks) {
      asked = ask;
      for await (const answer of answers(question, ask, isolate)) say({ answer });
    }
  } catch (error) {
    if (error instanceof Broken)
      say({ answer: { fault: faultOf(nameOf(question, asked), null, error) } });
    else if (error instanceof RunError) say({ failed: error.message, by: 'us' });
    else if (error instanceof UsageError) say({ failed: error.message, by: 'user' });
    else if (error instanceof CouldNot) say({ failed: error.message, by: 'world' });
    else throw error;
  }
  say({ done: true });
}
