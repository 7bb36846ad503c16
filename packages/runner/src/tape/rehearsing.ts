// A candidate's process as it is seen from outside: what it is told, what it says, and when it has had enough time.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Broken,
  CELL_WAIT_SECONDS,
  HEAP_MB,
  HOOK_WAIT_SECONDS,
  MEMORY_MB,
} from '../candidates/rules.ts';
import type { House } from '../house.ts';
import { FROM_SOURCE } from '../registry.ts';
import { Telling } from './channel.ts';
import { lineOf, faultIn } from './faults.ts';
import { Printed } from './printed.ts';
import { FAULT_FD, TAPE_FD, type Rehearsal, type Scene } from './process.ts';

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

export class Rehearsing {
  readonly telling: Telling;
  readonly #child: ChildProcess;
  readonly #limits: Rehearsal;
  readonly #streams: readonly Socket[];
  readonly #tape: Socket;
  readonly #kill = (): void => void this.#child.kill('SIGKILL');
  readonly #timer: NodeJS.Timeout;
  #resting = true;
  #endless = false;
  #heardAt = 0;
  #heardAny = false;
  #cellAt = 0;
  #line = '';

  constructor(house: House, limits: Rehearsal) {
    this.#limits = limits;
    const args = ['--no-warnings', ...walls(), fileURLToPath(house.worker)];
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
    process.once('exit', this.#kill); // whatever it does when its order ends with us
    this.#child = child;
    this.#streams = child.stdio.filter((one) => one !== null) as unknown as readonly Socket[];
    this.#tape = child.stdio[TAPE_FD] as Socket;
    this.telling = new Telling(() => this.#tape.resume());
    child.stdin!.on('error', () => {}); // it ended before it had read all: that is said below
    child.stdin!.write(`${JSON.stringify(limits)}\n`);
    new Printed(basename(limits.file)).hear(child.stdout!);
    this.#tape.on('data', (piece: Buffer) => this.#hear(piece));
    (child.stdio[FAULT_FD] as Socket).on('data', (text: Buffer) => {
      if (this.#line.length < LINE_MAX) this.#line += text.toString();
    });
    child.on('error', (error) =>
      this.#over(new Broken('', `its process cannot be started: ${error.message}`, 'process')),
    );
    child.on('close', (_, signal) => this.#over(faultIn(this.#line.trim()) ?? ended(signal)));
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Tells it what to play. */
  play(scene: Scene): void {
    this.#hold(true);
    this.#resting = false;
    this.#endless = scene.endless;
    this.#heardAny = false;
    this.#heardAt = this.#cellAt = seconds();
    const { stdin } = this.#child;
    stdin!.write(`${JSON.stringify(scene)}\n`);
    if (scene.last) stdin!.end();
  }

  /** It has played, and may be asked again: nobody waits for what it says, nor does our process go on for its sake. */
  rest(): void {
    this.#resting = true;
    this.#hold(false);
  }

  #hold(held: boolean): void {
    for (const one of [this.#child, this.#timer, this.telling, ...this.#streams])
      if (held) one.ref();
      else one.unref();
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
    const { heapMb } = this.#limits;
    const now = seconds();
    if (!this.telling.starving) this.#heardAt = now;
    const silent = now - this.#heardAt;
    const most = this.#heardAny
      ? (this.#endless ? SEARCH_SECONDS : HOOK_WAIT_SECONDS) + PATIENCE_SECONDS
      : START_SECONDS;
    const mb = this.#megabytes();
    if (mb > heapMb + MEMORY_MB + HEAP_MB)
      this.#over(new Broken('', `its process took ${mb} MB`, 'memory'));
    else if (this.#resting) return;
    else if (silent > most)
      this.#over(new Broken('', `its process has said nothing for ${most} s`, 'returns'));
    else if (
      !this.#endless &&
      this.#heardAny &&
      now - this.#cellAt > CELL_WAIT_SECONDS + PATIENCE_SECONDS
    )
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
    process.off('exit', this.#kill);
    this.#kill();
  }

  /** Ends the process, whatever it does. */
  async end(): Promise<void> {
    this.#hold(true);
    const { exitCode, signalCode } = this.#child;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#over(new Broken('', 'it is over', 'process'));
    this.#tape.destroy();
    if (this.#child.pid !== undefined && exitCode === null && signalCode === null) await gone;
    this.telling.close();
  }
}
