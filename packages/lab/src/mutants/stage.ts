// Where a mutant runs: a process of its own, for one may take all the time, or all the memory, that there is, and a thread
// without memory ends the process that it is of.
import { spawn, type ChildProcess } from 'node:child_process';
import type { KeptAnswers, KeptFailure } from '../check.ts';

/** What came of it: where it parts from the answers, or how it stopped. */
export type Outcome = { readonly failures: KeptFailure[] } | { readonly stops: string };

/** The model and all answers take a tenth of it. */
const MEGABYTES = 1500;

/** A program sets `subject`. It runs in the process's own context: in another one every global name is asked for one by one, which takes fifty times as long. */
const PROCESS = `
const { Script } = require('node:vm');
let all = [];
process.on('message', ({ program, kept, limit }) => {
  if (program === null) {
    all = kept;
    return;
  }
  globalThis.lastrefKept = kept ?? all;
  try {
    const run = '(() => { ' + program + '; return subject.checkKept(globalThis.lastrefKept, 1); })()';
    const failures = new Script(run).runInThisContext(limit === null ? {} : { timeout: limit });
    process.send({ failures });
  } catch (error) {
    process.send({ stops: error.message });
  }
});
process.on('disconnect', () => process.exit());
`;

/** One program at a time. */
export class Stage {
  private readonly kept: readonly KeptAnswers[];
  private child: ChildProcess | null = null;

  constructor(kept: readonly KeptAnswers[]) {
    this.kept = kept;
  }

  /** Plays `kept`, or else what the stage was made for, in at most `limit` milliseconds; null: however long. */
  played(program: string, limit: number | null, kept?: readonly KeptAnswers[]): Promise<Outcome> {
    const child = (this.child ??= this.begun());
    return new Promise((resolve) => {
      const answered = (outcome: Outcome) => {
        child.off('exit', ended);
        resolve(outcome);
      };
      const ended = () => {
        child.off('message', answered);
        this.child = null;
        resolve({ stops: 'no memory is left' });
      };
      child.once('message', answered);
      child.once('exit', ended);
      child.send({ program, kept, limit });
    });
  }

  private begun(): ChildProcess {
    const child = spawn(process.execPath, [`--max-old-space-size=${MEGABYTES}`, '-e', PROCESS], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    child.send({ program: null, kept: this.kept, limit: null });
    return child;
  }

  close(): void {
    this.child?.disconnect();
  }
}
