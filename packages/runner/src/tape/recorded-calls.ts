// The system calls of a runtime's program, in the process where it plays.
import type { Call, Calls } from '@lastref/kernel';

/** Whoever has the tape. */
interface Calling {
  call<T extends number | void>(name: Call, words: readonly number[], work: () => T): T;
}

/** The system calls of a program, each on the tape. */
export class RecordedCalls implements Calls {
  readonly #run: Calling;
  readonly #calls: Calls;

  constructor(run: Calling, calls: Calls) {
    this.#run = run;
    this.#calls = calls;
  }

  send(...given: Parameters<Calls['send']>): number {
    return this.#run.call('send', given, () => this.#calls.send(...given));
  }

  sendZc(...given: Parameters<Calls['sendZc']>): void {
    this.#run.call('sendZc', given, () => this.#calls.sendZc(...given));
  }

  cancel(id: number): number {
    return this.#run.call('cancel', [id], () => this.#calls.cancel(id));
  }

  release(buffer: number): void {
    this.#run.call('release', [buffer], () => this.#calls.release(buffer));
  }

  connect(): number {
    return this.#run.call('connect', [], () => this.#calls.connect());
  }

  shutdown(connection: number): void {
    this.#run.call('shutdown', [connection], () => this.#calls.shutdown(connection));
  }

  close(connection: number): void {
    this.#run.call('close', [connection], () => this.#calls.close(connection));
  }

  abort(connection: number): void {
    this.#run.call('abort', [connection], () => this.#calls.abort(connection));
  }

  outq(connection: number): number {
    return this.#run.call('outq', [connection], () => this.#calls.outq(connection));
  }
}
