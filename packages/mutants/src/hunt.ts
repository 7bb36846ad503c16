// Is a mutant seen? Every run of it is held against the same run of what it was made of.
import type { HookSet } from './hooks.ts';
import type { Trial } from './trials.ts';

export interface Hunted {
  readonly verdict: 'killed' | 'equivalent' | 'survived';
  /** Killed: the property refuted, `late`, `left over`, or the error of the machine. Else: what is known of it. */
  readonly by: string;
  /** Where it was killed. */
  readonly where: string | null;
  readonly runs: number;
  /** Properties that the original refutes and the mutant does not, by cell: a survivor that is judged better. */
  readonly better: number;
}

/** All runs of the original. */
export class Baseline {
  readonly byRun = new Map<string, Trial>();
  private readonly refuted = new Map<string, Set<string>>();
  private readonly runs = new Map<string, number>();
  private readonly hooks = new Map<string, HookSet>();

  /** `called`: the hooks that the last run has called. */
  constructor(trials: Iterable<Trial>, called: () => HookSet = () => 0) {
    for (const trial of trials) {
      this.byRun.set(`${trial.cell}: ${trial.name}`, trial);
      this.runs.set(trial.cell, (this.runs.get(trial.cell) ?? 0) + 1);
      this.hooks.set(trial.cell, (this.hooks.get(trial.cell) ?? 0) | called());
      const known = this.refuted.get(trial.cell) ?? new Set();
      for (const property of trial.refuted) known.add(property);
      this.refuted.set(trial.cell, known);
    }
  }

  /** Does any run of this cell call any of `hooks`? */
  reaches(cell: string, hooks: HookSet): boolean {
    return ((this.hooks.get(cell) ?? 0) & hooks) !== 0;
  }

  /** Runs of the cells that are `wanted`. */
  runsIn(wanted: (cell: string) => boolean): number {
    let sum = 0;
    for (const [cell, n] of this.runs) if (wanted(cell)) sum += n;
    return sum;
  }

  /** Cells in all. */
  get size(): number {
    return this.refuted.size;
  }

  /** Properties refuted somewhere in this cell. */
  of(cell: string): ReadonlySet<string> {
    return this.refuted.get(cell) ?? new Set();
  }

  /** Cells and what is refuted there. */
  cells(): IterableIterator<[string, ReadonlySet<string>]> {
    return this.refuted.entries();
  }
}

/** What one run of a mutant shows. */
interface Sight {
  readonly by: string;
}

function sight(base: Baseline, trial: Trial): Sight | null {
  const known = base.of(trial.cell);
  const worse = trial.refuted.find((property) => !known.has(property));
  if (worse !== undefined) return { by: worse };
  const same = base.byRun.get(`${trial.cell}: ${trial.name}`);
  if (same === undefined) return null;
  if (trial.left !== same.left) return { by: 'left over' };
  for (const [loan, turn] of trial.told) {
    const was = same.told.get(loan);
    if (was !== undefined && turn > was) return { by: 'late' };
  }
  return null;
}

/** The same verdicts, completions and objects in the same run, whatever it cost? */
function alike(a: Trial, b: Trial | undefined): boolean {
  return (
    b !== undefined &&
    a.left === b.left &&
    a.refuted.join() === b.refuted.join() &&
    [...a.told].join() === [...b.told].join()
  );
}

/**
 * Runs `trials` of a mutant until one shows it. `reached`: how often the place of the change was reached; `all`: how
 * many runs there would be.
 */
export function hunt(
  base: Baseline,
  trials: Iterable<Trial>,
  reached: () => number,
  all = base.byRun.size,
): Hunted {
  let runs = 0;
  let sameDigest = true;
  let sameOutcome = true;
  const seen = new Map<string, Set<string>>();
  let where = '';
  try {
    for (const trial of trials) {
      runs++;
      where = trial.cell;
      const shown = sight(base, trial);
      if (shown !== null)
        return { verdict: 'killed', by: shown.by, where: trial.cell, runs, better: 0 };
      const same = base.byRun.get(`${trial.cell}: ${trial.name}`);
      sameDigest &&= same?.digest === trial.digest;
      sameOutcome &&= alike(trial, same);
      const known = seen.get(trial.cell) ?? new Set();
      for (const property of trial.refuted) known.add(property);
      seen.set(trial.cell, known);
    }
  } catch (error) {
    const { name } = error as Error;
    return {
      verdict: 'killed',
      by: name,
      where: where === '' ? null : `after ${where}`,
      runs,
      better: 0,
    };
  }
  let better = 0;
  for (const [cell, refuted] of base.cells()) {
    const now = seen.get(cell);
    if (now !== undefined) for (const p of refuted) if (!now.has(p)) better++;
  }
  const whole = runs === all;
  const rest = { where: null, runs, better };
  if (reached() === 0) return { verdict: 'equivalent', by: 'never called in any run', ...rest };
  if (whole && sameOutcome && sameDigest)
    return { verdict: 'equivalent', by: 'the same state after every run', ...rest };
  if (whole && sameOutcome)
    return { verdict: 'equivalent', by: 'the same outcome of every run, at another cost', ...rest };
  return {
    verdict: 'survived',
    by: better > 0 ? 'judged better' : 'other runs, no worse',
    ...rest,
  };
}
