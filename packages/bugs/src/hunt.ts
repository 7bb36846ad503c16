// One bug: the wrong version is searched until it shows, the fixed one to the end of the same bound. Nobody tells the
// search where to look; how rare the failing orders are is told by runs at random.
import type { Finding } from '@lastref/judge';
import { eraOf, type Era } from '@lastref/kernel';
import {
  DEFAULT_BOUND,
  Start,
  randomRun,
  type Bound,
  type CellInput,
  type Exploration,
} from '@lastref/search';
import { searching } from '@lastref/runner';
import { Prng, type Workload } from '@lastref/workloads';
import type { Bug, Version } from './bug.ts';
import { workloadsOf } from './ground.ts';

/** Complete runs at random, to see how many of them show nothing. */
const RUNS = 200;

/** What was seen of one version. */
export interface Seen {
  readonly result: Exploration['result'];
  /** Of what is not a proof: why. */
  readonly reason: string | null;
  readonly states: number;
  /** Steps executed. */
  readonly executions: number;
  /** Where it showed, and how: of the shortest of all runs that show it. */
  readonly found: {
    readonly input: CellInput;
    readonly trace: NonNullable<Exploration['trace']>;
    readonly finding: Finding;
    readonly steps: number;
  } | null;
}

export function boundOf({ bound }: Bug): Bound {
  return { ...DEFAULT_BOUND, ...bound };
}

/** A second one, where the bug takes two. */
function processorsOf(bug: Bug): Pick<CellInput, 'processors'> {
  return boundOf(bug).preemptions > 0 ? { processors: 2 } : {};
}

/** What `version` of the bug is played on. */
export function playedOn(bug: Bug, { on = bug.on }: Version): readonly Workload[] {
  return workloadsOf(on, boundOf(bug).operations);
}

function eraNamed(id: string): Era {
  const era = eraOf(id);
  if (era === undefined) throw new Error(`no kernel '${id}'`);
  return era;
}

/** Searches a version: everywhere, up to the shortest run that shows the bug. */
export function hunt(bug: Bug, version: Version): Seen {
  const { property, harm } = bug;
  return searched(bug, version, { property, ...(harm === undefined ? {} : { harm }) });
}

/** The same search of a version that has the bug no more, for whatever else there is. */
export function huntForOthers(bug: Bug, version: Version): Seen {
  return searched(bug, version, {});
}

/** What is looked for: without a property, whatever is wrong. */
type Sought = Partial<Pick<Bug, 'property' | 'harm'>>;

function searched(bug: Bug, version: Version, sought: Sought): Seen {
  const { design, era } = version;
  let states = 0;
  let executions = 0;
  let open: Exploration | null = null;
  let found: Seen['found'] = null;
  for (const workload of playedOn(bug, version)) {
    const input: CellInput = { design, workload, era: eraNamed(era), seed: 1 };
    const one = searching(input, { bound: boundOf(bug), ...sought });
    states += one.states;
    executions += one.executions;
    if (one.result === 'refuted') {
      const { finding, trace, steps } = one;
      if (found === null || steps < found.steps)
        found = { input, trace: trace!, finding: finding!, steps };
    } else if (one.result !== 'exhausted') open ??= one;
  }
  const result = found !== null ? 'refuted' : (open?.result ?? 'exhausted');
  return { result, reason: open?.reason ?? null, states, executions, found };
}

/** Of so many complete runs at random within the bound, in all situations alike: those that show nothing of it. */
export function cleanRuns(
  bug: Bug,
  version: Version,
): { readonly runs: number; readonly clean: number } {
  const { design, era } = version;
  const starts = playedOn(bug, version).map(
    (workload) =>
      new Start(
        { design, workload, era: eraNamed(era), seed: 1, ...processorsOf(bug) },
        false,
        true,
      ),
  );
  const prng = new Prng(1);
  let clean = 0;
  for (let n = 0; n < RUNS; n++) {
    const cell = randomRun(starts[n % starts.length]!.machine(), boundOf(bug), prng);
    const shows = cell.judge.everything.some(
      (f) => f.property === bug.property && (bug.harm ?? f.harm) === f.harm,
    );
    if (!shows) clean++;
  }
  return { runs: RUNS, clean };
}

/** The last `steps` rows of a story, and behind them what shows only at the end, which is no step. */
export function lastSteps(
  rows: readonly { readonly n: number; readonly text: string }[],
  steps: number,
): { n: number; text: string }[] {
  const behind = rows.at(-1)?.text.startsWith('the end;') === true ? 1 : 0;
  return rows.slice(-(steps + behind)).map(({ n, text }) => ({ n, text }));
}
