// What a verdict rests on, read off the runs that were really made.
import { boundText, DEFAULT_BOUND } from '@lastref/search';
import { everyOperation } from './reading.ts';
import type { AnyFacts, ClockFacts, OperationRun, Run, SearchFacts, SwarmFacts } from './run.ts';
import { listOf, plural } from './words.ts';

/** The scope of `runs`, in words. */
export function scopeOf(runs: readonly Run[], facts: (run: Run) => AnyFacts): string {
  const parts: string[] = [eras(runs)];
  const clocks = runs.filter((r) => r.kind === 'clock');
  if (clocks.length > 0) {
    const loans = clocks.reduce((n, r) => n + (facts(r) as ClockFacts).loans, 0);
    const seeds = Math.max(...clocks.map((r) => r.seeds));
    const designs = new Set(clocks.map((r) => r.design)).size;
    const workloads = new Set(clocks.map((r) => r.workload)).size;
    const by = seeds === 1 ? 'seed 1' : `seeds 1 to ${seeds}`;
    parts.push(
      `${plural(designs, 'design')} on ${plural(workloads, 'workload')} by the clock, ${by}, ${plural(loans, 'loan')}`,
    );
  }
  const searches = runs.filter((r) => r.kind === 'search');
  if (searches.length > 0) {
    const states = searches.reduce((n, r) => n + (facts(r) as SearchFacts).states, 0);
    const bounds = new Set(searches.map((r) => boundText({ ...DEFAULT_BOUND, ...r.bound })));
    parts.push(
      `every order of ${listOf([...new Set(searches.map((r) => r.workload))])}, ${plural(states, 'state')} (${[...bounds].join('; or ')})`,
    );
  }
  const swarms = runs.filter((r) => r.kind === 'swarm');
  if (swarms.length > 0) {
    const n = swarms.reduce((sum, r) => sum + (facts(r) as SwarmFacts).runs, 0);
    parts.push(
      `${plural(n, 'random run')} of ${listOf([...new Set(swarms.map((r) => r.workload))])}`,
    );
  }
  const operations = runs.filter((r) => r.kind === 'operation');
  if (operations.length > 0) {
    parts.push(`${operationWords(operations)} in every order of release`);
  }
  const stories = runs.filter((r) => r.kind === 'story');
  if (stories.length > 0)
    parts.push(
      `the ${new Set(stories.map((r) => r.story)).size === 1 ? 'story' : 'stories'} ${listOf([...new Set(stories.map((r) => r.story))])}`,
    );
  const labs = runs.filter((r) => r.kind === 'lab');
  if (labs.length > 0)
    parts.push(
      `the ${new Set(labs.map((r) => r.lab)).size === 1 ? 'instrument' : 'instruments'} ${listOf([...new Set(labs.map((r) => r.lab))])}`,
    );
  if (runs.some((r) => r.kind === 'layout')) parts.push('struct layouts on x86-64');
  return parts.join('; ');
}

/** 'every operation', where all that a kernel has were run, so that a new one changes no sentence. */
function operationWords(runs: readonly OperationRun[]): string {
  const asked = new Set(runs.map((r) => r.operation));
  const all = new Set(runs.map((r) => r.era)).values();
  for (const era of all)
    if (everyOperation('', era).every((r) => asked.has(r.operation))) return 'every operation';
  return plural(asked.size, 'operation');
}

function eras(runs: readonly Run[]): string {
  return `Linux ${listOf([...new Set(runs.map((r) => r.era))])}`;
}
