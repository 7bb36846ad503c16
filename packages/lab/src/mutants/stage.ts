// Where a mutant runs: a thread with a memory of its own, for one may take all the time, or all the memory, that there is.
import { Worker } from 'node:worker_threads';
import type { KeptAnswers, KeptFailure } from '../check.ts';

/** What came of it: where it parts from the answers, or how it stopped. */
export type Outcome = { readonly failures: KeptFailure[] } | { readonly stops: string };

/** The model takes less than a tenth of it for all answers. */
const MEGABYTES = 1500;

/** A program sets `subject`. It runs in the thread's own context: in another one every global name is asked for one by one, which takes fifty times as long. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { Script } = require('node:vm');
parentPort.on('message', ({ program, kept, limit }) => {
  globalThis.lastrefKept = kept ?? workerData;
  try {
    const run = '(() => { ' + program + '; return subject.checkKept(globalThis.lastrefKept, 1); })()';
    const failures = new Script(run).runInThisContext(limit === null ? {} : { timeout: limit });
    parentPort.postMessage({ failures });
  } catch (error) {
    parentPort.postMessage({ stops: error.message });
  }
});
`;

/** One program at a time. */
export class Stage {
  private readonly kept: readonly KeptAnswers[];
  private thread: Worker | null = null;

  constructor(kept: readonly KeptAnswers[]) {
    this.kept = kept;
  }

  /** Plays `kept`, or else what the stage was made for, in at most `limit` milliseconds; null: however long. */
  played(program: string, limit: number | null, kept?: readonly KeptAnswers[]): Promise<Outcome> {
    const thread = (this.thread ??= new Worker(THREAD, {
      eval: true,
      workerData: this.kept,
      resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
    }));
    return new Promise((resolve) => {
      const answered = (outcome: Outcome) => {
        thread.off('error', failed);
        resolve(outcome);
      };
      const failed = (error: Error) => {
        thread.off('message', answered);
        this.thread = null; // it had no memory left
        resolve({ stops: error.message });
      };
      thread.once('message', answered);
      thread.once('error', failed);
      thread.postMessage({ program, kept, limit });
    });
  }

  async close(): Promise<void> {
    await this.thread?.terminate();
  }
}
