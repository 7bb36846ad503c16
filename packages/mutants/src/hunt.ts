// Is a mutant seen? Every run of it is held against the same run of what it was made of.
import type { HookSet } from './hooks.ts';
import type { Trial, TrialCell } from './trials.ts';

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

/** A run of the original, once it is over. */
type Kept = Omit<Trial, 'digest'> & { readonly digest: string };

/** The runs of a cell, by name. */
type Runs = ReadonlyMap<string, Kept>;

/** How the original is run. */
export interface BaselineOptions {
  /** The hooks that were called since it was last asked. */
  readonly called?: () => HookSet;
  /** Orders that come to the same are followed once: for designs that hide nothing. */
  readonly joins?: boolean;
}

/** All runs of the original. */
export class Baseline {
  readonly joins: boolean;
  private readonly cells = new Map<string, TrialCell>();
  private readonly first = new Map<string, Runs>();
  private readonly whole = new Map<string, Runs>();
  private readonly refuted = new Map<string, Set<string>>();
  private readonly hooks = new Map<string, HookSet>();

  constructor(
    cells: Iterable<TrialCell>,
    { called = () => 0, joins = true }: BaselineOptions = {},
  ) {
    this.joins = joins;
    for (const cell of cells) {
      const runs = keep(cell.runs(joins));
      if (runs.size === 0) continue;
      const { id } = cell;
      this.cells.set(id, cell);
      this.first.set(id, runs);
      this.hooks.set(id, called());
      this.refuted.set(id, new Set([...runs.values()].flatMap((run) => run.refuted)));
    }
  }

  /** Does any run of this cell call any of `hooks`? */
  reaches(cell: string, hooks: HookSet): boolean {
    return ((this.hooks.get(cell) ?? 0) & hooks) !== 0;
  }

  /** Cells in all. */
  get size(): number {
    return this.cells.size;
  }

  /** Runs in all. */
  get runs(): number {
    return [...this.first.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The runs of a cell; or every order of it, also where another came to the same. */
  runsOf(cell: string, joined: boolean): Runs {
    if (joined === this.joins) return this.first.get(cell) ?? NONE;
    const known = this.whole.get(cell);
    if (known !== undefined) return known;
    const runs = keep(this.cells.get(cell)?.runs(false) ?? []);
    this.whole.set(cell, runs);
    return runs;
  }

  /** Properties refuted somewhere in this cell. */
  of(cell: string): ReadonlySet<string> {
    return this.refuted.get(cell) ?? new Set();
  }

  /** Cells and what is refuted there. */
  refutedCells(): IterableIterator<[string, ReadonlySet<string>]> {
    return this.refuted.entries();
  }
}

const NONE: Runs = new Map();

function keep(runs: Iterable<Trial>): Runs {
  const kept = new Map<string, Kept>();
  for (const run of runs) kept.set(run.name, { ...run, digest: run.digest() });
  return kept;
}

/** One cell of a mutant, held against the same cell of the original. */
class CellHunt {
  runs = 0;
  /** What shows the mutant; null: nothing so far. */
  by: string | null = null;
  sameDigest: boolean;
  sameOutcome = true;
  /** It has the runs of the original, and no others. */
  sameRuns = true;
  /** An order that was given up halfway had come to another state there: it may yet end in the same. */
  private otherHalfway = false;
  readonly refuted = new Set<string>();
  private readonly known: ReadonlySet<string>;
  private readonly original: Runs;

  /** `digests`: it is asked for the state after each run, too. */
  constructor(base: Baseline, cell: string, joined: boolean, digests: boolean) {
    this.known = base.of(cell);
    this.original = base.runsOf(cell, joined);
    this.sameDigest = digests;
  }

  /** Up to the run that shows it, if there is one. */
  look(runs: Iterable<Trial>): this {
    try {
      for (const run of runs) {
        this.runs++;
        this.compare(run);
        if (this.by !== null) return this;
        for (const property of run.refuted) this.refuted.add(property);
      }
    } catch (error) {
      this.by = (error as Error).name;
    }
    this.sameRuns &&= this.runs === this.original.size;
    return this;
  }

  /** Only every order can tell. */
  get isOpen(): boolean {
    return this.by === null && (!this.sameRuns || (this.otherHalfway && this.sameDigest));
  }

  private compare(run: Trial): void {
    const same = this.original.get(run.name);
    if (same === undefined || same.joined !== run.joined) {
      this.sameRuns = false;
      this.by = this.worse(run);
      return;
    }
    this.by = this.worse(run) ?? shownBy(run, same);
    if (this.sameDigest && same.digest !== run.digest()) {
      if (run.joined) this.otherHalfway = true;
      else this.sameDigest = false;
    }
    this.sameOutcome &&= alike(run, same);
  }

  private worse({ refuted }: Trial): string | null {
    return refuted.find((property) => !this.known.has(property)) ?? null;
  }
}

/** Of an order that was given up halfway, the one that came there before it tells what is left. */
function leavesOther(run: Trial, { left }: Kept): boolean {
  return !run.joined && run.left !== left;
}

/** What one run of a mutant shows beside the same run of the original; null: nothing. */
function shownBy(run: Trial, same: Kept): string | null {
  if (leavesOther(run, same)) return 'left over';
  for (const [loan, turn] of run.told) {
    const was = same.told.get(loan);
    if (was !== undefined && turn > was) return 'late';
  }
  return null;
}

/** The same verdicts, completions and objects in the same run, whatever it cost? */
function alike(a: Trial, b: Kept): boolean {
  return (
    !leavesOther(a, b) &&
    a.refuted.join() === b.refuted.join() &&
    [...a.told].join() === [...b.told].join()
  );
}

/** Where its orders of release come together elsewhere than those of the original, every order of both is run. */
function huntIn(base: Baseline, { id, runs }: TrialCell, digests: boolean): CellHunt {
  const first = new CellHunt(base, id, base.joins, digests).look(runs(base.joins));
  if (!base.joins || !first.isOpen) return first;
  return new CellHunt(base, id, false, digests).look(runs(false));
}

/** Runs the cells of a mutant until one shows it; `reached`: how often the place of the change was reached. */
export function hunt(base: Baseline, cells: Iterable<TrialCell>, reached: () => number): Hunted {
  let runs = 0;
  let better = 0;
  let sameDigest = true;
  let sameOutcome = true;
  for (const cell of cells) {
    const { id } = cell;
    const one = huntIn(base, cell, sameDigest);
    runs += one.runs;
    const { by } = one;
    if (by !== null) return { verdict: 'killed', by, where: id, runs, better: 0 };
    sameOutcome &&= one.sameOutcome && one.sameRuns;
    sameDigest &&= one.sameDigest;
    for (const property of base.of(id)) if (!one.refuted.has(property)) better++;
  }
  const rest = { where: null, runs, better };
  if (reached() === 0) return { verdict: 'equivalent', by: 'never called in any run', ...rest };
  if (!sameOutcome) {
    const by = better > 0 ? 'judged better' : 'other runs, no worse';
    return { verdict: 'survived', by, ...rest };
  }
  const by = sameDigest
    ? 'the same state after every run'
    : 'the same outcome of every run, at another cost';
  return { verdict: 'equivalent', by, ...rest };
}
