// Every order of the steps that the agenda allows, each state once: the shortest run to a finding, or that there is none.
import type { Finding, Harm, Property } from '@lastref/judge';
import type { Trace } from '@lastref/workloads';
import type { CellInput } from '../cell.ts';
import type { Choice } from '../run-list.ts';
import type { Enough } from './ample.ts';
import type { Bound } from './bound.ts';
import { BreadthFirst } from './breadth-first.ts';
import { byChance } from './by-chance.ts';
import { HostsAreCoupled } from './coupled.ts';
import { DepthFirst } from './depth-first.ts';
import { NotAsNew, type Found } from './found.ts';
import { Player } from './player.ts';
import type { MachineFingerprint } from './machine-fingerprint.ts';
import type { SharedBuffers } from './shared.ts';
import { mustNotSeeLater } from './seen-later.ts';
import { shortened } from './shortened.ts';
import { Start } from './start.ts';
import { Together } from './together.ts';

export interface Exploration {
  /**
   * exhausted: every state within the bound was visited; refuted: the shortest run that ends in a finding; not-a-proof:
   * nothing was found, but the search saw that it does not see everything, or not what the workload is named for.
   */
  readonly result: 'exhausted' | 'refuted' | 'bound-reached' | 'not-a-proof';
  /** Why it is no proof. */
  readonly reason: string | null;
  readonly finding: Finding | null;
  /** A run to the finding. */
  readonly trace: Trace | null;
  /** No run with fewer steps has one. */
  readonly shortest: boolean;
  /** Steps of that run from the moment just before the first page is lent. */
  readonly steps: number;
  readonly states: number;
  /** Steps that were executed, each from one state to another, new or known. */
  readonly executions: number;
  /** Steps of the longest run that was looked at. */
  readonly depth: number;
  /** States in which nothing was left to do. */
  readonly ends: number;
  /** States behind which the bound hid something: a timer that may fire no more, a wire that is full. */
  readonly cut: number;
  /** Bytes of the tables. */
  readonly bytes: number;
  /** Properties that some run could have refuted. */
  readonly exercised: ReadonlySet<Property>;
  /** Samples that the search tried of what it took for granted. */
  readonly audited: number;
}

/** What a search believes in: others are for tests of whether it notices that they are wrong. */
export interface Beliefs {
  /** Two machines of one fingerprint have the same future. */
  readonly fingerprint: () => MachineFingerprint;
  /** The steps of this host are enough in a state; null: they never are. */
  readonly enough: Enough | null;
}

export interface ExploreOptions {
  readonly bound: Bound;
  /** Look for this property alone, past findings of others. */
  readonly property?: Property;
  /** And for this harm alone. */
  readonly harm?: Harm;
  /** Steps from the start of a search on: all that is looked at is what may come after them. Default none. */
  readonly from?: readonly Choice[];
  /** Leave out orders that cannot matter. Default true. */
  readonly reduction?: boolean;
  readonly beliefs?: Partial<Beliefs>;
  /** States that are visited before a look by breadth, and before another thread helps. Default 16384. */
  readonly first?: number;
  /** Lets another thread help (`assist`): its answer is the same. */
  readonly help?: ((shared: SharedBuffers) => void) | undefined;
  /** Called now and then; true: stop. */
  readonly onProgress?: (states: number, depth: number) => boolean;
  /** Asked in each state, as some designs have states that take a second: true: stop. */
  readonly isOver?: () => boolean;
}

const FIRST = 1 << 14;
/** States in which a short run to a finding is looked for then. */
const LOOKED_AT = 1 << 12;
/** States among which the shortest run is looked for, where some run is known. */
const SHORTEST_AMONG = 1 << 16;

/**
 * Explores `input.workload`, which should be a miniature. Throws what the model throws, and HiddenState or
 * UndeclaredState where a state could not be told from another.
 */
export function explore(of: CellInput, options: ExploreOptions): Exploration {
  const input: CellInput = options.bound.preemptions > 0 ? { ...of, processors: 2 } : of;
  const reusing =
    (reuse: boolean): StartFor =>
    (eager) =>
      new Start(input, eager, reuse, options.from);
  try {
    return apart(reusing(true), options);
  } catch (error) {
    if (!(error instanceof NotAsNew)) throw error;
    // Somebody keeps state where no moment has it: a new machine for every run, then. What that finds is true.
    const found = apart(reusing(false), options);
    return found.result === 'refuted'
      ? found
      : { ...found, result: 'not-a-proof', reason: error.message };
  }
}

/** Where runs begin; `eager`: what nobody can tell from something that happens at once is taken at once. */
type StartFor = (eager: boolean) => Start;

/**
 * As long as steps of two hosts commute, those of one are sometimes enough. Where a design learns something at the host that lends
 * alone, what happens at once at the other one may still do so.
 */
function apart(startFor: StartFor, options: ExploreOptions): Exploration {
  if (options.reduction === false) return searched(startFor(false), options);
  const start = startFor(true);
  const together = { ...options, help: undefined, beliefs: { ...options.beliefs, enough: null } };
  let isCoupled = start.hostsAreCoupled;
  for (;;) {
    try {
      const found = searched(start, isCoupled ? together : options);
      if (found.result === 'exhausted' && start.leavesOut)
        mustNotSeeLater(options, startFor(false), { there: isCoupled, steps: found.executions });
      return found;
    } catch (error) {
      if (!(error instanceof HostsAreCoupled)) throw error;
      if (error.there) return searched(startFor(false), together);
      isCoupled = true;
    }
  }
}

/**
 * All states are visited depth first, and the shortest run to what is found is looked for breadth first. Where there are
 * many states, a look by breadth and runs by chance come in between, as depth may spend long in one corner, and two threads
 * share the rest.
 */
function searched(start: Start, options: ExploreOptions): Exploration {
  const { states, steps } = options.bound;
  const all = new DepthFirst(options, start);
  let some = all.search(Math.min(states, options.first ?? FIRST));
  let { player } = all;
  if (some === null && all.isOpen) {
    const shared = new Together(all, options);
    try {
      const breadth = new BreadthFirst(options, start);
      const soon = breadth.search(steps, Math.min(states, LOOKED_AT));
      if (soon !== null) return refuted(breadth, breadth.player, soon, true);
      const chance = new Player(start, options, null);
      if (all.size < states) some = byChance(options, chance, () => all.isStopped);
      if (some !== null) player = chance;
      some ??= shared.search(states);
    } finally {
      shared.end();
    }
    if (some === null && shared.foundByHelper) {
      const shortest = new BreadthFirst(options, start);
      const found = shortest.search(steps, Math.min(states, SHORTEST_AMONG));
      if (found !== null) return refuted(shortest, shortest.player, found, true);
    }
    if (some === null && shared.mustGoOnAlone)
      return searched(start, { ...options, help: undefined });
  }
  if (some === null) return nothingFound(all);
  const breadth = new BreadthFirst(options, start);
  const shortest = breadth.search(some.steps, Math.min(states, SHORTEST_AMONG));
  return shortest === null
    ? refuted(all, player, some, false)
    : refuted(breadth, breadth.player, shortest, true);
}

type Search = DepthFirst | BreadthFirst;

/** `player`: took the steps of the run. */
function refuted(search: Search, player: Player, found: Found, shortest: boolean): Exploration {
  const { depth, states } = search;
  const run = player.runOf(found);
  if (run === null) throw new NotAsNew();
  const { finding, trace, steps } = shortest ? run : (shortened(player.start, run) ?? run);
  return {
    result: 'refuted',
    reason: null,
    finding,
    trace,
    shortest,
    steps,
    states: states.size,
    executions: search.counted.executions,
    depth,
    ends: 0,
    cut: 0,
    bytes: states.bytes,
    exercised: new Set([finding.property]),
    audited: 0,
  };
}

function nothingFound(search: DepthFirst): Exploration {
  const { isOpen, size, bytes, depth, audit } = search;
  const { executions, ends, cut, properties } = search.counted;
  const reason = isOpen ? null : search.doubt();
  const done = reason === null ? 'exhausted' : 'not-a-proof';
  return {
    result: isOpen ? 'bound-reached' : done,
    reason,
    finding: null,
    trace: null,
    shortest: false,
    steps: 0,
    states: size,
    executions,
    depth,
    ends,
    cut,
    bytes,
    exercised: properties,
    audited: audit.tried,
  };
}
