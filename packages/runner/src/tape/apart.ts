// Asks a question of a candidate in two roles. In a process of its own it plays, and everything that it says is
// recorded; in a thread of ours, where none of its code is, the same run is played again with what it said, and judged.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  Broken,
  CELL_SECONDS,
  HEAP_MB,
  HOOK_SECONDS,
  MEMORY_MB,
  SEARCH_MB,
  faultOf,
  type Fault,
} from '../candidates/rules.ts';
import { isApart, type Source } from '../candidates/source.ts';
import { UsageError } from '../errors.ts';
import type { House } from '../house.ts';
import { isFault, nameOf, failure, type Asked, type Order, type Said } from '../pool.ts';
import { FROM_SOURCE } from '../registry.ts';
import { machineVersion } from '../version.ts';
import { Telling } from './channel.ts';
import { lineOf, faultIn } from './faults.ts';
import { Printed } from './printed.ts';
import { FAULT_FD, TAPE_FD, type Rehearsal } from './process.ts';

const LOOK_MS = 250;
/** The watchdog inside has that long to say more exactly what is wrong. */
const PATIENCE_SECONDS = 10;
/** Until a process has loaded what it needs, on a machine that is busy. */
const START_SECONDS = 120;
/** A search may go on for so long without any hook being asked. */
const SEARCH_SECONDS = 300;
/** Of a line that says what stopped it. */
const LINE_MAX = 1 << 12;

const seconds = (): number => Number(process.hrtime.bigint()) / 1e9;

/** Node's own walls, where it has them and the sources are built: to load TypeScript takes processes and files. */
function walls(): string[] {
  const flag = ['--permission', '--experimental-permission'].find((name) =>
    process.allowedNodeEnvironmentFlags.has(name),
  );
  if (FROM_SOURCE) return ['--conditions=@lastref/source'];
  return flag === undefined ? [] : [flag, '--allow-fs-read=*', '--allow-worker'];
}

/** By these an engine ends itself, where it has no more memory or stack than it needs. */
const BROKE_DOWN: readonly (string | null)[] = ['SIGABRT', 'SIGILL', 'SIGTRAP', 'SIGSEGV'];

function ended(signal: string | null): Broken {
  return BROKE_DOWN.includes(signal)
    ? new Broken('', `it asked more of its process than there is (${signal})`, 'memory')
    : new Broken('', 'its process ended, or waits for what never comes', 'process');
}

/** A candidate's process, as it is seen from outside. */
class Rehearsing {
  readonly telling: Telling;
  readonly #child: ChildProcess;
  readonly #limits: Rehearsal;
  readonly #tape: Readable;
  readonly #timer: NodeJS.Timeout;
  #heardAt = seconds();
  #heardAny = false;
  #cellAt = seconds();
  #line = '';

  constructor(house: House, order: Rehearsal) {
    this.#limits = order;
    const args = ['--no-warnings', '--enable-source-maps', ...walls(), fileURLToPath(house.worker)];
    const child = spawn(process.execPath, args, {
      // what Node has to say of the end of a process, its line says
      stdio: [
        'pipe',
        'pipe',
        process.argv.includes('--debug') ? 'inherit' : 'ignore',
        'pipe',
        'pipe',
      ],
      // what time and language it is where the machine stands is nothing that a verdict may depend on
      env: { TMPDIR: process.env['TMPDIR'] ?? '', NO_COLOR: '1', TZ: 'UTC', LC_ALL: 'C' },
    });
    this.#child = child;
    this.#tape = child.stdio[TAPE_FD] as Readable;
    this.telling = new Telling(() => this.#tape.resume());
    child.stdin!.on('error', () => {}); // it ended before it had read all: that is said below
    child.stdin!.end(JSON.stringify(order));
    new Printed(basename(order.file)).hear(child.stdout!);
    this.#tape.on('data', (piece: Buffer) => this.#hear(piece));
    (child.stdio[FAULT_FD] as Readable).on('data', (text: Buffer) => {
      if (this.#line.length < LINE_MAX) this.#line += text.toString();
    });
    child.on('error', (error) =>
      this.#over(new Broken('', `its process cannot be started: ${error.message}`, 'process')),
    );
    child.on('close', (_, signal) => this.#over(faultIn(this.#line.trim()) ?? ended(signal)));
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** The next cell begins. */
  next(): void {
    this.#cellAt = seconds();
  }

  #hear(piece: Buffer): void {
    this.#heardAt = seconds();
    if (!this.#heardAny) this.#cellAt = this.#heardAt; // what it took to load is no part of it
    this.#heardAny = true;
    this.telling.piece(piece);
    if (this.telling.full) this.#tape.pause();
  }

  #look(): void {
    const { endless, heapMb } = this.#limits;
    const now = seconds();
    if (!this.telling.starving) this.#heardAt = now;
    const silent = now - this.#heardAt;
    const most = this.#heardAny
      ? (endless ? SEARCH_SECONDS : HOOK_SECONDS) + PATIENCE_SECONDS
      : START_SECONDS;
    const mb = this.#megabytes();
    if (mb > heapMb + MEMORY_MB + HEAP_MB)
      this.#over(new Broken('', `its process took ${mb} MB`, 'memory'));
    else if (silent > most)
      this.#over(new Broken('', `its process has said nothing for ${most} s`, 'returns'));
    else if (!endless && this.#heardAny && now - this.#cellAt > CELL_SECONDS + PATIENCE_SECONDS)
      this.#over(new Broken('', 'the machine goes round in what the hooks answer', 'ends'));
  }

  /** Of memory that it has in use; 0 where no file says so. */
  #megabytes(): number {
    try {
      const pages = Number(readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(' ')[1]);
      return Math.round(pages / 256);
    } catch {
      return 0;
    }
  }

  #over(why: Broken): void {
    clearInterval(this.#timer);
    this.telling.end(lineOf(why));
    this.#child.kill('SIGKILL');
  }

  /** Ends the process, whatever it does. */
  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#over(new Broken('', 'it is over', 'process'));
    this.#tape.destroy();
    if (this.#child.pid !== undefined && exitCode === null && signalCode === null) await gone;
    this.telling.close();
  }
}

/** Asks `ask`, in which one candidate takes part. */
export async function askApart<Ask, Answer>(
  house: House,
  question: Asked<Ask, Answer>,
  ask: Ask,
  onAnswer: (answer: Answer) => void,
  onFault: (fault: Fault) => void,
): Promise<void> {
  const endless = question.endless === true;
  const heapMb = endless ? SEARCH_MB : HEAP_MB;
  const [{ file }, other] = question.sources(ask).filter(isApart) as [Source, Source?];
  if (other !== undefined)
    throw new UsageError(
      `${question.kind} has ${basename(file)} and ${basename(other.file)} in one run, and each candidate has a process of its own: ask for one after the other, or add --trust`,
    );
  const { kind } = question;
  const machine = machineVersion();
  const rehearsing = new Rehearsing(house, { kind, ask, file, heapMb, endless, machine });
  const { hearing } = rehearsing.telling;
  const order: Order = { kind, asks: [ask], running: null, role: 'judges', hearing };
  const worker = new Worker(house.worker, {
    workerData: order,
    transferList: [hearing.port],
    resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: heapMb },
  });
  const cells = question.cells(ask);
  let count = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const stopped = (what: string, rule: 'memory' | 'bug'): void => {
        onFault(faultOf(nameOf(question, ask), cells[count] ?? null, new Broken('', what, rule)));
        resolve();
      };
      worker.on('message', (said: Said) => {
        try {
          if ('done' in said) return resolve();
          if ('failed' in said) throw failure(said);
          count++;
          rehearsing.next();
          if (isFault(said.answer)) onFault(said.answer.fault);
          else onAnswer(said.answer as Answer);
        } catch (error) {
          reject(error);
        }
      });
      worker.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
          stopped(`what it answers makes a machine that takes more than ${heapMb} MB`, 'memory');
        else reject(error);
      });
      worker.on('exit', (code) =>
        reject(new Error(`the isolate that judges ended with code ${code}`)),
      );
    });
  } finally {
    await Promise.all([rehearsing.end(), worker.terminate()]);
  }
}
