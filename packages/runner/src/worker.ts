// What a worker thread does: answers what it is asked, cell by cell.
import { parentPort, workerData } from 'node:worker_threads';
import { Broken, faultOf } from './candidates/rules.ts';
import { runIn } from './candidates/running.ts';
import { CouldNot, RunError, UsageError } from './errors.ts';
import type { House } from './house.ts';
import { Isolate, answers } from './isolate.ts';
import { nameOf, type Order, type Said } from './pool.ts';

/** Serves the order that this thread was started with; where it is the first thread of its process, as a candidate's. */
export async function serve(house: House): Promise<void> {
  const port = parentPort;
  if (port === null) return (await import('./tape/process.ts')).rehearse(house);
  const say = (said: Said): void => port.postMessage(said);
  const { kind, asks, running, role, hearing } = workerData as Order;
  if (running !== null) runIn(running);
  if (role === 'records')
    return (await import('./tape/stages.ts')).record(house, kind, asks[0], say);
  const { question } = await house.questions[kind]!();
  const stage = hearing && (await import('./tape/stages.ts')).judging(question, hearing);
  const isolate = new Isolate(house, stage);
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
