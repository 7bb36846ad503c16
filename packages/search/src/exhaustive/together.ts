// One search in two threads: both begin at the start and take what is possible in opposite orders, and neither goes where
// the other is through. Each state counts once, so what is counted does not depend on who was where when.
import type { CellInput } from '../cell.ts';
import { DepthFirst } from './depth-first.ts';
import type { ExploreOptions } from './explore.ts';
import type { Found } from './found.ts';
import { Helping, SharedStates, type SharedBuffers } from './shared.ts';
import { Start } from './start.ts';

/** A table for so many states is 256 MB: for more there is no help. */
const STATES_MAX = 1 << 24;
/** Milliseconds in which a helper that works gets through with some state. */
const PATIENCE = 20_000;

export class Together {
  private readonly all: DepthFirst;
  private readonly shared: SharedStates | null;
  /** The helper did nothing any more. */
  private isStuck = false;

  constructor(all: DepthFirst, { bound, help }: ExploreOptions) {
    this.all = all;
    this.shared = null;
    if (help === undefined || bound.states > STATES_MAX) return;
    this.shared = SharedStates.for(bound.states);
    all.share(this.shared);
    help(this.shared.buffers);
  }

  /** As the search alone does. */
  search(states: number): Found | null {
    const { all, shared } = this;
    const found = all.search(states);
    if (found === null && !all.isOpen && shared !== null) this.comeToAnEnd(shared);
    return found;
  }

  /** The other thread need not go on. */
  end(): void {
    this.shared?.turn(Helping.NOT_YET, Helping.UNWANTED);
    this.shared?.turn(Helping.WORKS, Helping.UNWANTED);
  }

  /** A state that the other is through with may lead back to one that it is not through with. */
  private comeToAnEnd(shared: SharedStates): void {
    if (shared.turn(Helping.NOT_YET, Helping.UNWANTED)) return;
    shared.wait(PATIENCE);
    this.isStuck = shared.helping === Helping.WORKS;
  }

  get foundByHelper(): boolean {
    return this.shared?.helping === Helping.FOUND;
  }

  /** The helper came to no good end, and what it was through with is nothing to build on. */
  get mustGoOnAlone(): boolean {
    const failed = this.shared?.helping === Helping.FAILED && !this.all.isOpen;
    return this.isStuck || failed || this.foundByHelper;
  }
}

/** Helps with a search that another thread began with the same input and options, until it is over. */
export function assist(of: CellInput, options: ExploreOptions, buffers: SharedBuffers): void {
  const shared = new SharedStates(buffers);
  if (!shared.turn(Helping.NOT_YET, Helping.WORKS)) return;
  try {
    const input: CellInput = options.bound.preemptions > 0 ? { ...of, processors: 2 } : of;
    const start = new Start(input, options.reduction !== false, true, options.from);
    const search = new DepthFirst(options, start, true);
    search.share(shared);
    const found = search.search(options.bound.states);
    shared.helpersBytes = search.ownBytes;
    if (found !== null) shared.turn(Helping.WORKS, Helping.FOUND);
    else shared.turn(Helping.WORKS, search.isOpen ? Helping.FAILED : Helping.IS_DONE);
  } catch {
    shared.turn(Helping.WORKS, Helping.FAILED);
  }
}
