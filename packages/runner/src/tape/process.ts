// The process of a candidate. Its first thread reads the order, watches the second one, and says what stopped it; in
// the second the candidate plays, and writes its tape.
import { writeSync } from 'node:fs';
import { Worker, setEnvironmentData } from 'node:worker_threads';
import { Broken } from '../candidates/rules.ts';
import { RUNNING_BYTES } from '../candidates/running.ts';
import { Watchdog } from '../candidates/watchdog.ts';
import type { House } from '../house.ts';
import type { Order } from '../pool.ts';
import { MACHINE_KEY } from '../version.ts';
import { lineOf } from './faults.ts';

/** Where the tape goes, and a line of what stopped the candidate. */
export const TAPE_FD = 3;
export const FAULT_FD = 4;

/** What the process is told on its stdin. */
export interface Rehearsal {
  readonly kind: string;
  readonly ask: unknown;
  /** Of the candidate. */
  readonly file: string;
  readonly heapMb: number;
  readonly endless: boolean;
  /** The machine's version, as whoever asked found it. */
  readonly machine: string;
}

/** Serves the order that comes on stdin, and ends the process. */
export async function rehearse(house: House): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  const told = JSON.parse(Buffer.concat(parts).toString()) as Rehearsal;
  setEnvironmentData(MACHINE_KEY, told.machine);
  const running = new SharedArrayBuffer(RUNNING_BYTES);
  const order: Order = { kind: told.kind, asks: [told.ask], running, role: 'records' };
  const worker = new Worker(house.worker, {
    workerData: order,
    resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: told.heapMb },
  });
  let cell = 0;
  const { file, heapMb, endless } = told;
  const stop = (broken: Broken): never => {
    writeSync(FAULT_FD, lineOf(broken));
    process.exit(0);
  };
  const dog = new Watchdog(running, stop, { file, cell: () => cell, heapMb, endless });
  worker.on('message', (said: { readonly done?: true }) => {
    if (said.done === true) process.exit(0);
    cell++;
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
}
