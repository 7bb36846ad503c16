// Runs the command line from the build: in a thread that stays, or as a user does, in a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

export const launcher = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process: for what ends one, and for what a process has to itself (signals, pipes, memory). */
export function spawned(...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', launcher, ...args],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
  return { code: status, stdout, stderr };
}

/** So long a command may take. */
const PATIENCE_MS = 600_000;

class Door {
  readonly #answered = new Int32Array(new SharedArrayBuffer(4));
  readonly #port;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const worker = new Worker(new URL('./house/door.mjs', import.meta.url), {
      workerData: { launcher, port: port2, answered: this.#answered },
      transferList: [port2],
      env: { ...process.env, NO_COLOR: '1' },
      execArgv: [],
    });
    worker.unref();
    port1.unref();
  }

  ask(args: readonly string[], input: string): Ran {
    Atomics.store(this.#answered, 0, 0);
    this.#port.postMessage({ args, input });
    Atomics.wait(this.#answered, 0, 0, PATIENCE_MS);
    const said = receiveMessageOnPort(this.#port);
    if (said === undefined) throw new Error(`lastref ${args.join(' ')} does not end`);
    const { thrown, ...ran } = said.message as Ran & { readonly thrown?: string };
    if (thrown !== undefined) throw new Error(`lastref ${args.join(' ')}: ${thrown}`);
    return ran;
  }
}

let door: Door | undefined;

/** One command after the other, in the same thread: none can do anything to the next, or a test would fail. */
export function lastref(...args: string[]): Ran {
  return fed('', ...args);
}

/** The same, with something on its standard input. */
export function fed(input: string, ...args: string[]): Ran {
  door ??= new Door();
  return door.ask(args, input);
}
