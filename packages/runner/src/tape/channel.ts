// From the thread that hears a candidate's process to the one that judges: pieces of the tape, waited for without giving
// the thread back, as a machine asks its design in the middle of a step.
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { Broken } from '../candidates/rules.ts';
import { faultIn } from './faults.ts';
import type { Pieces } from './reader.ts';

/** The end that the judging thread is given. */
export interface Hearing {
  readonly port: MessagePort;
  /** How many messages came. */
  readonly count: SharedArrayBuffer;
}

/** A piece, or the line that says why there will be no more. */
type Message = Uint8Array | string;

/** Bytes that lie here unread, before the process has to wait. */
const AHEAD_MAX = 4 << 20;

export class Telling {
  readonly hearing: Hearing;
  readonly #port: MessagePort;
  readonly #count: Int32Array;
  #ahead = 0;
  #over = false;

  /** `hungry`: there is room again. */
  constructor(hungry: () => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const count = new SharedArrayBuffer(4);
    this.#count = new Int32Array(count);
    this.hearing = { port: port2, count };
    port1.on('message', (eaten: number) => {
      this.#ahead -= eaten;
      if (!this.full) hungry();
    });
  }

  get full(): boolean {
    return this.#ahead > AHEAD_MAX;
  }

  /** Who judges has read all that came. */
  get starving(): boolean {
    return this.#ahead === 0 && !this.#over;
  }

  piece(bytes: Uint8Array): void {
    this.#ahead += bytes.length;
    this.#send(bytes.slice());
  }

  /** There will be no more: `line` says why. */
  end(line: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#send(line);
  }

  #send(message: Message): void {
    this.#port.postMessage(message);
    Atomics.add(this.#count, 0, 1);
    Atomics.notify(this.#count, 0);
  }

  /** Does it keep our process alive? */
  ref(): void {
    this.#port.ref();
  }

  unref(): void {
    this.#port.unref();
  }

  close(): void {
    this.#port.close();
  }
}

/** The pieces that a `Telling` tells. */
export function heard({ port, count }: Hearing): Pieces {
  const came = new Int32Array(count);
  let reason: Broken | null = null;
  let eaten = 0;
  return () => {
    if (eaten > 0) port.postMessage(eaten);
    eaten = 0;
    if (reason !== null) throw reason;
    for (;;) {
      const before = Atomics.load(came, 0);
      const got = receiveMessageOnPort(port);
      if (got === undefined) {
        Atomics.wait(came, 0, before);
      } else if (typeof got.message === 'string') {
        reason =
          faultIn(got.message) ?? new Broken('', 'its process said what is no fault', 'process');
        throw reason;
      } else {
        eaten = got.message.length;
        return got.message;
      }
    }
  };
}
