// What a worker thread does: answers what it is asked, cell by cell.
import { on } from 'node:events';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { Broken, faultOf } from './candidates/rules.ts';
import { runIn } from './candidates/running.ts';
import { CouldNot, RunError, UsageError } from './errors.ts';
import type { House } from './house.ts';
import { Isolate, answers, type Stage } from './isolate.ts';
import { nameOf, type Far, type Order, type Part, type Role, type Said } from './pool.ts';
import { progressTo } from './progress.ts';
import type { AnyQuestion } from './question.ts';

/** Serves the order that this thread was started with; where it is the first thread of its process, as a candidate's. */
export async function serve(house: House): Promise<void> {
  const port = parentPort;
  if (port === null) return (await import('./tape/process.ts')).rehearse(house);
  const say = (said: Said): void => port.postMessage(said);
  const given = workerData as Order | Role;
  if ('running' in given && given.running !== null) runIn(given.running);
  if (!('role' in given)) {
    if (given.running !== null) progressTo((far) => port.postMessage({ far } satisfies Far)); // what this thread prints is a candidate's
    return answer(house, given, say);
  }
  const parts = partsFrom(port);
  const { recorder, judge } = await import('./tape/stages.ts');
  if (given.role === 'records') {
    const record = recorder(house, say);
    for await (const part of parts) await record(part);
  } else {
    const stageFor = judge(given.hearing);
    for await (const part of parts) await answer(house, part, say, stageFor);
  }
}

/** One after the other. While one is played nothing else keeps the thread: if it waits for what never comes, it ends. */
async function* partsFrom(port: MessagePort): AsyncGenerator<Part> {
  for await (const [part] of on(port, 'message') as AsyncIterable<[Part]>) {
    port.unref();
    yield part;
    port.ref();
  }
}

async function answer(
  house: House,
  { kind, asks }: Part,
  say: (said: Said) => void,
  stageFor?: (question: AnyQuestion) => Stage,
): Promise<void> {
  const { question } = await house.questions[kind]!();
  const isolate = new Isolate(house, stageFor?.(question));
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
