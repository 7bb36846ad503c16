// The process of a candidate. Its first thread reads what is to be played, watches the second one, and says what stopped
// it; in the second the candidate plays, and writes its tape.
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Worker, setEnvironmentData } from 'node:worker_threads';
import { Broken } from '../candidates/rules.ts';
import { RUNNING_BYTES } from '../candidates/running.ts';
import { Watchdog } from '../candidates/watchdog.ts';
import type { House } from '../house.ts';
import type { Part, Role } from '../pool.ts';
import { MACHINE_KEY } from '../version.ts';
import { lineOf } from './faults.ts';

/** Where the tape goes, and a line of what stopped the candidate. */
export const TAPE_FD = 3;
export const FAULT_FD = 4;

/** What the process is told first, in a line of its stdin. */
export interface Rehearsal {
  /** Of the candidate. */
  readonly file: string;
  readonly heapMb: number;
  /** The machine's version, as whoever asked found it. */
  readonly machine: string;
}

/** And in a line each, one when the one before is over: what to play. */
export interface Scene extends Part {
  readonly endless: boolean;
  /** Nothing comes behind it. */
  readonly last: boolean;
}

/** Plays what comes on stdin, and ends the process. */
export async function rehearse(house: House): Promise<void> {
  const lines = linesOf(process.stdin);
  const next = async <T>(): Promise<T> => {
    const { done, value } = await lines.next();
    if (done === true) process.exit(0); // whoever asked is gone, or has no more to ask
    return JSON.parse(value) as T;
  };
  const { file, heapMb, machine } = await next<Rehearsal>();
  setEnvironmentData(MACHINE_KEY, machine);
  const running = new SharedArrayBuffer(RUNNING_BYTES);
  const role: Role = { role: 'records', running };
  const worker = new Worker(house.worker, {
    workerData: role,
    resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: heapMb },
  });
  let cell = 0;
  let played = (): void => {};
  const stop = (broken: Broken): never => {
    writeSync(FAULT_FD, lineOf(broken));
    process.exit(0);
  };
  const dog = new Watchdog(running, stop, { file, cell: () => cell, heapMb });
  worker.on('message', (said: { readonly done?: true }) => {
    cell++;
    if (said.done === true) played();
  });
  worker.on('error', (error) =>
    stop(
      dog.began
        ? dog.died(error)
        : new Broken(
            '',
            `nothing of it ran, as its process could not: ${error.message}`,
            'process',
          ),
    ),
  );
  worker.on('exit', () => stop(dog.left()));
  for (let last = false; !last;) {
    const scene = await next<Scene>();
    dog.watch(scene.endless);
    const over = new Promise<void>((resolve) => (played = resolve));
    worker.postMessage(scene);
    await over;
    dog.stop();
    ({ last } = scene);
  }
  process.exit(0);
}

async function* linesOf(stream: Readable): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const text of stream.setEncoding('utf8')) {
    const lines = (rest + (text as string)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  return undefined;
}
