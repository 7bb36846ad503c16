// What a reduced search never shows. A program at the other host reads first, and what a device there does is done at once, as nobody
// can tell whether it happens now or later. A design could: it may ask how much is unread, or is still out, and learn or tell
// something there alone. So it looks as one that does not, as no step of such a search is taken where it would.
// Here runs at random take those steps when their turn comes. Of foreign code it is known besides whether it ever looked (SEES).
// Non-goal: certainty of any other. Whoever is right in these runs, and wrong in others that are left out, looks right.
import { Prng } from '@lastref/workloads';
import type { Cell } from '../cell.ts';
import { oneRun } from './by-chance.ts';
import { Host } from './choices.ts';
import { DesignLook, HostsAreCoupled, sees } from './coupled.ts';
import type { Edge } from './edges.ts';
import type { ExploreOptions } from './explore.ts';
import { Player } from './player.ts';
import type { Start } from './start.ts';

/** However small the search is. */
const RUNS_MIN = 32;
/** Steps of all runs, as a share of those of the search. */
const SHARE = 1 / 10;

/**
 * Behind a search that took `steps` and found nothing. `start` takes nothing at once; `there`: the design is known to learn things, so
 * only what it learns at the host that lends nothing counts. Throws HostsAreCoupled where a run shows what the search left
 * out, or where something is looked at that is different there.
 */
export function mustNotSeeLater(
  options: ExploreOptions,
  start: Start,
  { there, steps }: { readonly there: boolean; readonly steps: number },
): void {
  const player = new Watching(start, options, there);
  const prng = new Prng(2);
  for (let n = 0; n < RUNS_MIN || player.played < steps * SHARE; n++)
    if (oneRun(player, options, prng) !== null) throw new HostsAreCoupled(true);
  if (sees(start.machine().k)) throw new HostsAreCoupled(true);
}

/** Takes each step by itself, and looks at what the design learns in it. */
class Watching extends Player {
  private readonly there: boolean;

  constructor(start: Start, options: ExploreOptions, there: boolean) {
    super(start, options, null);
    this.there = there;
  }

  override take(cell: Cell, edge: Edge): boolean {
    const look = new DesignLook(cell.k);
    look.take();
    const taken = super.take(cell, edge);
    const { eager } = cell.k.agenda.sources[edge.place]!; // a device of that host
    const there = edge.host === Host.LENDS_NOTHING || eager === true;
    if (there ? look.differs || look.tells : !this.there && look.differs)
      throw new HostsAreCoupled(there);
    return taken;
  }
}
