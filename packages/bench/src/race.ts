// One search of the race model in a process of its own, as one line of JSON.
//   race.ts TASK SIZE
import { search, type Found } from './race/search.ts';
import { scopeOf, SIZES, TASKS, type Size, type Task } from './race/sizes.ts';

/** What the process found, and how long the search took by itself. */
export interface RaceRun extends Found {
  readonly seconds: number;
}

const [task, size] = process.argv.slice(2) as [Task, Size];
if (!TASKS.includes(task) || !(size in SIZES)) throw new Error(`race: no task ${task} ${size}`);
const started = process.hrtime.bigint();
// Without reduction the first failure is a shortest one, and it comes early.
const found = search(scopeOf(size, task), task === 'verdict' || task === 'search');
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
process.stdout.write(`${JSON.stringify({ ...found, seconds } satisfies RaceRun)}\n`);
