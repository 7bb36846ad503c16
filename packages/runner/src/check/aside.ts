// Another thread that searches a scope while this one searches others.
import { Worker } from 'node:worker_threads';
import type { House } from '../house.ts';
import type { Order, Said } from '../pool.ts';
import type { ScopeAsk } from '../scope/index.ts';
import type { Scoped } from './scoped.ts';

/** How far it is. */
export const Far = { SEARCHES: 0, EXHAUSTED: 1, OVER: 2 } as const;

export class Aside {
  readonly bound: ScopeAsk['bound'];
  /** What it came to; undefined: the thread came to nothing. */
  readonly answer: Promise<Scoped | undefined>;
  private readonly worker: Worker;
  private readonly far = new Int32Array(new SharedArrayBuffer(4));

  constructor(house: House, ask: Omit<ScopeAsk, 'far'>) {
    this.bound = ask.bound;
    const order: Order = { kind: 'scope', asks: [{ ...ask, far: this.far }], running: null };
    this.worker = new Worker(house.worker, { workerData: order });
    this.answer = new Promise((resolve) => {
      this.worker.on('message', (said: Said) =>
        resolve('answer' in said ? (said.answer as Scoped) : undefined),
      );
      this.worker.on('error', () => resolve(undefined));
      this.worker.on('exit', () => resolve(undefined));
    });
  }

  /** It searches no more, whether or not this thread has heard of it. */
  get isOver(): boolean {
    return Atomics.load(this.far, 0) !== Far.SEARCHES;
  }

  get isExhausted(): boolean {
    return Atomics.load(this.far, 0) === Far.EXHAUSTED;
  }

  end(): void {
    void this.worker.terminate();
  }
}
