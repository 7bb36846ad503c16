// A search looks at itself. It takes two machines of one fingerprint for one state, and the steps of one host for enough;
// here samples of both are tried. Of two ways that met, both are played on with the same steps at random: they must
// stay together. Where the steps of one host were enough, some of another host are taken first: they must change nothing
// about what that host may do, and lead to the same state in either order.
// Non-goal: certainty. What is sampled follows from the search alone, so the same search has the same audit.
import { Prng } from '@lastref/workloads';
import type { Cell } from '../cell.ts';
import { Row, choicesWithin, type Host } from './choices.ts';
import { edgeOf, type Edge } from './edges.ts';
import type { ExploreOptions } from './explore.ts';
import type { MachineFingerprint } from './machine-fingerprint.ts';
import { Orders, type Enough, type Searched } from './orders.ts';
import type { Player } from './player.ts';
import { Sample } from './sample.ts';
import type { States } from './states.ts';

/** A way to a state that was known: the state before it, and the edge that leads there. */
interface Meeting {
  readonly known: number;
  readonly parent: number;
  readonly edge: Edge;
}

/** Samples that are tried however small the search is. */
const TRIED_MIN = 24;
/** Steps that the audit may take, as a share of those of the search. */
const SHARE = 1 / 15;
/** Steps at random behind a meeting. */
const ON = 10;
export class Audit {
  /** Samples tried. */
  tried = 0;
  private readonly meetings = new Sample<Meeting>(1);
  private readonly enough = new Sample<Enough>(2);
  private readonly player: Player;
  private readonly fingerprint: MachineFingerprint;
  private readonly states: States;
  private readonly options: ExploreOptions;
  private readonly orders: Orders;

  constructor(searched: Searched) {
    const { player, fingerprint, states, options } = searched;
    this.player = player;
    this.fingerprint = fingerprint;
    this.states = states;
    this.options = options;
    this.orders = new Orders(searched);
  }

  /** A way leads to a state that is known. */
  met(known: number, parent: number, edge: Edge): void {
    this.meetings.offer(() => ({ known, parent, edge }));
  }

  /** Only the steps of one host are taken in a state. */
  leaves(state: number, host: Host): void {
    this.enough.offer(() => ({ state, host }));
  }

  /** Why the search proves nothing, or null. */
  run(): string | null {
    const budget = (this.player.played * SHARE) / 2;
    return (
      this.tryAll(this.meetings, budget, (one, seed) => this.tryMeeting(one, seed)) ??
      this.tryAll(this.enough, budget, (one, seed) => this.orders.differ(one, new Prng(seed)))
    );
  }

  private tryAll<T>(
    samples: Sample<T>,
    budget: number,
    attempt: (one: T, seed: number) => string | null,
  ): string | null {
    const from = this.player.played;
    let n = 0;
    for (const one of samples.shuffled()) {
      if (n++ >= TRIED_MIN && this.player.played - from >= budget) break;
      this.tried++;
      const reason = attempt(one, n);
      if (reason !== null) return reason;
    }
    return null;
  }

  private tryMeeting({ known, parent, edge }: Meeting, seed: number): string | null {
    const { states } = this;
    const first = this.playOn(states.pathTo(known), new Prng(seed));
    const second = this.playOn([...states.pathTo(parent), edge], new Prng(seed));
    const at = first.findIndex((line, i) => line !== second[i]);
    if (at < 0 && first.length === second.length) return null;
    return `two ways lead to what was taken for one state, and part ${at <= 0 ? 'there' : `${at} steps later`}: ${first[at] ?? 'no more'} after one, ${second[at] ?? 'no more'} after the other`;
  }

  /** Plays the way, and steps that `prng` picks behind it: what was seen, one line a step. */
  private playOn(path: readonly Edge[], prng: Prng): string[] {
    const { player } = this;
    const cell = player.behind(path);
    const seen = [this.lookOf(cell, player.spent, true)];
    for (let n = 1; n <= ON; n++) {
      const { rows } = choicesWithin(this.options.bound, cell.k.agenda, player.spent);
      if (rows.length === 0) {
        seen.push(this.endOf(cell));
        break;
      }
      const edge = edgeOf(rows, Row.WORDS * prng.below(rows.length / Row.WORDS));
      const name = this.nameOf(cell, edge);
      player.takeOne(cell, edge);
      seen.push(`${name} leads to ${this.lookOf(cell, player.spent, n === 1 || n === ON)}`);
    }
    return seen;
  }

  private nameOf({ k }: Cell, { place, verb }: Edge): string {
    const source = k.agenda.sources[place]!;
    return `'${source.name} ${source.verbs[verb]!}'`;
  }

  /** What can be told of a machine without looking at names. */
  private lookOf(cell: Cell, spent: number, closely: boolean): string {
    const findings = this.player
      .findingsIn(cell)
      .map((f) => `${f.property} (${f.harm}, ${f.where})`);
    const { rows } = choicesWithin(this.options.bound, cell.k.agenda, spent);
    const possible: number[] = [];
    for (let at = 0; at < rows.length; at += Row.WORDS)
      possible.push(rows[at + Row.ID]!, rows[at + Row.SPENT]!);
    const found = findings.length === 0 ? '' : ` with ${findings.join(', ')}`;
    const print = closely ? `state ${this.printOf(cell, spent)}` : 'a state';
    return `${print}${found} and ${possible.length / 2} possible steps (${possible.join(' ')})`;
  }

  private printOf(cell: Cell, spent: number): string {
    this.fingerprint.of(cell, spent);
    return word(this.fingerprint.hi) + word(this.fingerprint.lo);
  }

  /**
   * What is refuted where nothing is left to do. Whether what was not refuted had ever been tried is no state: one way to a
   * state may have tried more than another.
   */
  private endOf(cell: Cell): string {
    cell.over();
    const refuted = this.player.findingsIn(cell).map((f) => f.property);
    return refuted.length === 0 ? 'an end' : `an end with ${refuted.join(', ')}`;
  }
}

function word(v: number): string {
  return (v >>> 0).toString(16).padStart(8, '0');
}
