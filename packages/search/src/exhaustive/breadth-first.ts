// The shortest run to a finding: every order of the steps, breadth first, each state once. What is armed for a step counts
// as a step, so a state may be met first by a way that is not the shortest, and again by that.
import type { Cell } from '../cell.ts';
import { Arm, Row, choicesWithin } from './choices.ts';
import { armed, edgeOf, type Edge } from './edges.ts';
import type { ExploreOptions } from './explore.ts';
import type { Found } from './found.ts';
import { MachineFingerprint } from './machine-fingerprint.ts';
import type { Moment } from './moment.ts';
import { Player } from './player.ts';
import type { Start } from './start.ts';
import { States } from './states.ts';
import { Tally } from './tally.ts';

/** States that are left between two reports of progress. */
const REPORT = 256;
/** States that wait with a moment of their own: others are reached by playing steps. */
const WAITING_MAX = 1 << 14;

export class BreadthFirst {
  readonly counted = new Tally();
  /** Steps of the longest run that was looked at. */
  depth = 0;
  readonly states = new States();
  private readonly options: ExploreOptions;
  private readonly start: Start;
  readonly player: Player;
  private readonly fingerprint: MachineFingerprint;
  private expanded = 0;
  private readonly depths: number[] = [];
  /** States by the number of steps that lead to them; some stand in two. */
  private readonly waiting: number[][] = [];
  /** Of states that wait, as long as there is room. */
  private readonly moments = new Map<number, Moment>();

  constructor(options: ExploreOptions, start: Start) {
    this.options = options;
    this.start = start;
    this.player = new Player(start, options, null);
    const print = options.beliefs?.fingerprint ?? (() => new MachineFingerprint());
    this.fingerprint = print();
  }

  /** The shortest run of at most `steps` steps to a finding; null: there is none, or it takes more than `states` states. */
  search(steps: number, states: number): Found | null {
    let best = this.arrive(this.start.machine(), -1, null, 0);
    for (let depth = 0; depth < steps && depth + 1 < (best?.steps ?? Infinity); depth++) {
      this.depth = depth;
      for (const state of this.waiting[depth] ?? []) {
        if (this.depths[state] !== depth) continue; // it is known by a shorter way
        if (this.states.size > states || this.isStopped(depth)) return null;
        best = shorter(best, this.expand(state, depth));
        if (best?.steps === depth + 1) return best;
      }
      this.waiting[depth] = [];
    }
    return best;
  }

  private isStopped(depth: number): boolean {
    const { onProgress, isOver } = this.options;
    const told = this.expanded++ % REPORT === 0 && onProgress?.(this.states.size, depth) === true;
    return told || isOver?.() === true;
  }

  private expand(state: number, depth: number): Found | null {
    const { bound } = this.options;
    const spent = this.states.spentAt(state);
    let cell = this.machineIn(state);
    const { rows } = choicesWithin(bound, cell.k.agenda, spent);
    const edges: Edge[] = [];
    for (let at = rows.length - Row.WORDS; at >= 0; at -= Row.WORDS)
      if (rows[at + Row.ARM] === Arm.NOTHING) edges.push(edgeOf(rows, at));
    let best: Found | null = null;
    let fresh = true;
    for (let edge = edges.pop(); edge !== undefined; edge = edges.pop()) {
      if (!fresh) cell = this.machineIn(state);
      fresh = false;
      if (!this.player.measure(cell, edge)) continue;
      this.counted.executions++;
      edges.push(...armed(cell.k.agenda.sources, bound, rows, edge, this.player.passed));
      best = shorter(best, this.arrive(cell, state, edge, depth + 1 + edge.arms.length));
      if (best?.steps === depth + 1) break;
    }
    this.moments.delete(state);
    return best;
  }

  /** The machine is in a state: is it a finding, a new one, or known? */
  private arrive(cell: Cell, parent: number, edge: Edge | null, depth: number): Found | null {
    const { player, fingerprint, states } = this;
    const path = (): Edge[] => (edge === null ? [] : [...states.pathTo(parent), edge]);
    const finding = player.foundIn(cell);
    if (finding !== null) return { finding, path: path(), steps: depth, atEnd: false };
    if (player.isFull(cell)) return null;
    const spent = edge?.spent ?? 0;
    fingerprint.of(cell, spent);
    const known = states.size;
    const state = states.add(fingerprint.hi, fingerprint.lo, parent, edge);
    if (state < known) {
      this.meet(state, parent, edge!, depth);
      return null;
    }
    this.depths.push(depth);
    this.waits(state, depth);
    const { rows, timerCut } = choicesWithin(this.options.bound, cell.k.agenda, spent);
    if (hasStep(rows) || timerCut) {
      const moment = this.moments.size < WAITING_MAX ? this.start.moment() : null;
      if (moment !== null) this.moments.set(state, moment);
      return null;
    }
    cell.over();
    const last = player.foundIn(cell);
    return last === null ? null : { finding: last, path: path(), steps: depth, atEnd: true };
  }

  /** Here by another way, which may be shorter by what was armed on the first. */
  private meet(state: number, parent: number, edge: Edge, depth: number): void {
    if (depth >= this.depths[state]!) return;
    this.depths[state] = depth;
    this.states.comeTo(state, parent, edge);
    this.waits(state, depth);
  }

  private waits(state: number, depth: number): void {
    (this.waiting[depth] ??= []).push(state);
  }

  /** The machine in use, in a state that waits. */
  private machineIn(state: number): Cell {
    const { start, states, player } = this;
    const after: Edge[] = [];
    let at = state;
    while (at > 0 && !this.moments.has(at)) {
      after.push(states.edgeTo(at));
      at = states.parentOf(at);
    }
    const moment = this.moments.get(at);
    const cell = moment === undefined ? start.machine() : start.machineAt(moment);
    for (let edge = after.pop(); edge !== undefined; edge = after.pop()) player.take(cell, edge);
    return cell;
  }
}

function shorter(a: Found | null, b: Found | null): Found | null {
  if (a === null || b === null) return a ?? b;
  return b.steps < a.steps ? b : a;
}

function hasStep(rows: Int32Array): boolean {
  for (let at = 0; at < rows.length; at += Row.WORDS)
    if (rows[at + Row.ARM] === Arm.NOTHING) return true;
  return false;
}
