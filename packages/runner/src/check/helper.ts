// A second thread that helps with a long search of the repository's own designs.
import { Worker } from 'node:worker_threads';
import type { SharedBuffers } from '@lastref/search';
import type { AssistAsk } from '../assist/index.ts';
import type { House } from '../house.ts';
import type { Order } from '../pool.ts';

export class Helper {
  private readonly house: House;
  private readonly ask: Omit<AssistAsk, 'shared'>;
  private worker: Worker | null = null;

  constructor(house: House, ask: Omit<AssistAsk, 'shared'>) {
    this.house = house;
    this.ask = ask;
  }

  /** Begins to help. It does so while this thread is busy, and whatever becomes of it is seen in what is shared. */
  readonly begin = (shared: SharedBuffers): void => {
    const { kind, asks, running }: Order = {
      kind: 'assist',
      asks: [{ ...this.ask, shared }],
      running: null,
    };
    this.worker = new Worker(this.house.worker, { workerData: { kind, asks, running } });
    this.worker.on('error', () => undefined); // then there is no help
    this.worker.unref();
  };

  end(): void {
    void this.worker?.terminate();
  }
}
