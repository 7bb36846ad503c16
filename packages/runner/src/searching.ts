// A search keeps its thread busy for as long as it takes, and Ctrl-C ends it all the same: no handler of a signal runs before
// a thread is idle, so the engine breaks the search off, and whoever listens for the signal says what is to be said.
import { createContext, Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { explore, type CellInput, type Exploration, type ExploreOptions } from '@lastref/search';
import { CouldNot } from './errors.ts';

const BROKEN_OFF = 'ERR_SCRIPT_EXECUTION_INTERRUPTED';

/** As `explore`; where nobody listens for signals, and in a thread that none comes to, they need no help. */
export function searching(input: CellInput, options: ExploreOptions): Exploration {
  if (!isMainThread || process.listenerCount('SIGINT') === 0) return explore(input, options);
  let found: Exploration | null = null;
  const search = (): void => {
    found = explore(input, options);
  };
  try {
    const script = new Script('search()');
    script.runInContext(createContext({ search }), { breakOnSigint: true, displayErrors: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== BROKEN_OFF) throw error;
    process.emit('SIGINT');
  }
  if (found === null) throw new CouldNot('stopped'); // whoever heard of it went on
  return found;
}
