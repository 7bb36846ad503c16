// Where the steps of one host were taken for enough: are they? Others' steps must change nothing about what may happen
// at that host, and a step there must lead to the same state before and behind them.
import { Spend } from '@lastref/kernel';
import type { Prng } from '@lastref/workloads';
import type { Cell } from '../cell.ts';
import { Arm, Row, choicesWithin, rowOf, type Host } from './choices.ts';
import { edgeOf, type Edge } from './edges.ts';
import type { ExploreOptions } from './explore.ts';
import type { MachineFingerprint } from './machine-fingerprint.ts';
import type { Player } from './player.ts';
import type { States } from './states.ts';

/** What is looked at again. */
export interface Searched {
  readonly player: Player;
  readonly fingerprint: MachineFingerprint;
  readonly states: States;
  readonly options: ExploreOptions;
}

/** A state in which the steps of one host were taken for enough. */
export interface Enough {
  readonly state: number;
  readonly host: Host;
}

/** Steps of other hosts, at most, before one of the host whose steps are enough. */
const BEFORE = 4;

/** A step that was taken in one order, by a name that it has in the other, too. */
interface Named {
  readonly id: number;
  readonly edge: Edge;
}

export class Orders {
  private readonly player: Player;
  private readonly fingerprint: MachineFingerprint;
  private readonly states: States;
  private readonly options: ExploreOptions;

  constructor(searched: Searched) {
    const { player, fingerprint, states, options } = searched;
    this.player = player;
    this.fingerprint = fingerprint;
    this.states = states;
    this.options = options;
  }

  /** What is wrong with leaving out the others' steps, or null. */
  differ({ state, host }: Enough, prng: Prng): string | null {
    const path = this.states.pathTo(state);
    const late = this.player.behind(path);
    const { spent } = this.player;
    const possible = this.stepsAt(late, spent, (h) => h === host);
    const any = this.stepsAt(late, spent, (h) => h === host, true);
    const own = any[prng.below(any.length)]!; // there is one: a packet waits
    const name = nameOf(late, own.edge);
    const others: Named[] = [];
    let last = spent;
    for (let n = 1 + prng.below(BEFORE); n > 0; n--) {
      const steps = this.stepsAt(late, last, (h) => h !== host);
      if (steps.length === 0) break;
      const other = steps[prng.below(steps.length)]!;
      this.player.takeOne(late, other.edge);
      others.push(other);
      last = other.edge.spent;
    }
    const still = this.stepsAt(late, last, (h) => h === host);
    if (possible.map(({ id }) => id).join() !== still.map(({ id }) => id).join())
      return `${name} was left out as an order that cannot matter, and steps of another host change what may happen there`;
    const lateLook = this.takeAll(late, last, [own]);
    const earlyLook = this.takeAll(this.player.behind(path), spent, [own, ...others]);
    if (lateLook === earlyLook) return null;
    return `${name} was left out behind ${others.length} steps of another host as an order that cannot matter: ${lateLook} there, ${earlyLook} before them`;
  }

  /** Steps there that cost nothing of the bound, which may be taken whatever others were; or `all`. */
  private stepsAt(
    { k }: Cell,
    spent: number,
    wanted: (host: Host) => boolean,
    all = false,
  ): Named[] {
    const { rows } = choicesWithin(this.options.bound, k.agenda, spent);
    const out: Named[] = [];
    for (let at = 0; at < rows.length; at += Row.WORDS) {
      const free = all || rows[at + Row.SPEND] === Spend.NOTHING;
      if (free && rows[at + Row.ARM] === Arm.NOTHING && wanted(rows[at + Row.HOST] as Host))
        out.push({ id: rows[at + Row.ID]!, edge: edgeOf(rows, at) });
    }
    return out;
  }

  /** Takes these steps, and says where that leads: a state, a finding, or that one of them is not possible. */
  private takeAll(cell: Cell, from: number, steps: readonly Named[]): string {
    const { bound } = this.options;
    let spent = from;
    for (const { id } of steps) {
      const { rows } = choicesWithin(bound, cell.k.agenda, spent);
      const at = rowOf(rows, id);
      if (at < 0) return 'a step that is not possible';
      const edge = edgeOf(rows, at);
      this.player.takeOne(cell, edge);
      spent = edge.spent;
      const finding = this.player.foundIn(cell);
      if (finding !== null) return `a finding (${finding.property})`;
    }
    const { fingerprint } = this;
    fingerprint.of(cell, spent);
    return `state ${fingerprint.hi >>> 0} ${fingerprint.lo >>> 0}`;
  }
}

function nameOf({ k }: Cell, { place, verb }: Edge): string {
  const source = k.agenda.sources[place]!;
  return `'${source.name} ${source.verbs[verb]!}'`;
}
