// Is there a finding at all? Depth first, each state once, and of each state only as many steps as are enough. All that is
// kept of a state is its fingerprint and how it was come to; moments are kept of those on the way to the one at hand.
import type { Property } from '@lastref/judge';
import { Spend } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import { Audit } from './audit.ts';
import { spendOf, tearsDown } from './choices.ts';
import { armed, edgeOf, type Edge } from './edges.ts';
import { NotAsNew, type Found } from './found.ts';
import { MachineFingerprint } from './machine-fingerprint.ts';
import type { Moment } from './moment.ts';
import { Player } from './player.ts';
import type { ExploreOptions } from './explore.ts';
import { Selector } from './selection.ts';
import { Helping, type SharedStates } from './shared.ts';
import type { Start } from './start.ts';
import { States } from './states.ts';
import { keepsFrames } from './room.ts';
import { Tally } from './tally.ts';
import { roomier } from '../visited.ts';

/** States between two reports of progress. */
const REPORT = 256;
/** One state in so many, and each whose number is a power of two, is compared with a machine that nobody used before. */
const COMPARED = 4096;

/** A state on the way to the one at hand. */
interface Frame {
  readonly state: number;
  readonly spent: number;
  readonly depth: number;
  readonly rows: Int32Array;
  /** Where the rows begin that are taken, and how many of these were. */
  taken: readonly number[];
  next: number;
  /** Steps of another host, which need not be taken. */
  others: readonly number[];
  /** Edges that came up as others were taken. */
  readonly armed: Edge[];
  /** What is counted of it. */
  readonly tally: Tally;
  /** How it was come to; null: it is the start. */
  readonly edge: Edge | null;
  /** Null: it is come to from the one before it on the way. */
  readonly moment: Moment | null;
}

export class DepthFirst {
  /** Steps of the longest run that was looked at. */
  depth = 0;
  readonly states = new States();
  readonly audit: Audit;
  readonly options: ExploreOptions;
  private readonly start: Start;
  readonly player: Player;
  private readonly selector: Selector;
  readonly fingerprint: MachineFingerprint;
  /** Of machines that nobody used before. */
  private readonly unused: MachineFingerprint;
  private readonly stack: Frame[] = [];
  /** By state: it is on the way to the one at hand. */
  private onTheWay = new Uint8Array(1 << 8);
  /** The state that the machine in use is in; -1: some other. */
  private here = -1;
  /** Somebody said stop, or a run takes more steps than it may. */
  private stopped = false;
  private begun = false;
  /** Of the states that it is through with, as long as it is alone. */
  private readonly tally = new Tally();
  private shared: SharedStates | null = null;
  /** Of what is possible, the last is taken first: it begins where the other thread ends. */
  private readonly backwards: boolean;

  constructor(options: ExploreOptions, start: Start, backwards = false) {
    this.options = options;
    this.start = start;
    this.backwards = backwards;
    const reduces = options.reduction !== false;
    this.selector = new Selector(options.bound, reduces, options.beliefs?.enough);
    this.player = new Player(start, options, reduces ? this.selector : null);
    const print = options.beliefs?.fingerprint ?? (() => new MachineFingerprint());
    this.fingerprint = print();
    this.unused = print();
    const { sources } = start.machine().k.agenda;
    const begins = options.from ?? [];
    if (begins.some((c) => spendOf(sources[c.place]!, c.verb, c.item) === Spend.TEARDOWN))
      this.tally.torn = 1;
    this.audit = new Audit(this);
  }

  /** Not all states were visited. */
  get isOpen(): boolean {
    return this.stopped || this.stack.length > 0;
  }

  /** Visits all states, up to a finding, or until there are more than `states`. May be called again, to go on. */
  search(states: number): Found | null {
    const { stack, player } = this;
    this.here = -1;
    if (!this.begun) {
      this.begun = true;
      const found = this.arrive(player.behind([]), -1, null, 0);
      if (found !== null) return found;
    }
    while (stack.length > 0 && this.size <= states && !this.stopped) {
      const frame = stack.at(-1)!;
      const edge = this.next(frame);
      if (edge === null) {
        this.leave(frame);
        continue;
      }
      const cell = this.machineIn(frame);
      this.here = -1;
      const found = this.step(cell, frame, edge);
      if (found !== null) return found;
      if (this.shared !== null && this.isCalledOff(this.shared)) return null;
    }
    return null;
  }

  /** States that it visited, or, of two threads, that one of them is through with. */
  get size(): number {
    return this.shared?.size ?? this.states.size;
  }

  /** What was counted so far; of two threads, by both. */
  get counted(): Tally {
    const all = new Tally();
    all.add(this.shared?.tally ?? this.tally);
    for (const { tally } of this.stack) all.add(tally);
    return all;
  }

  /** Of its tables, and, of two threads, of what they share and the other's. */
  get bytes(): number {
    return this.ownBytes + (this.shared?.bytes ?? 0);
  }

  get ownBytes(): number {
    return this.states.bytes + this.onTheWay.byteLength;
  }

  /** From now on it need not go where another thread has been. What it is through with itself counts already. */
  share(shared: SharedStates): void {
    const { states } = this;
    shared.count(this.tally);
    for (let state = 0; state < states.size; state++)
      if (this.onTheWay[state] !== 1)
        shared.finish(states.hiOf(state), states.loOf(state), new Tally());
    this.shared = shared;
  }

  /** The other thread has found something, or, of a helper, wants no help any more. */
  private isCalledOff({ helping }: SharedStates): boolean {
    return this.backwards ? helping === Helping.UNWANTED : helping === Helping.FOUND;
  }

  /** Why what was visited proves nothing; or null. */
  doubt(): string | null {
    return this.neverTorn() ?? this.starved() ?? this.neverOver() ?? this.audit.run();
  }

  /** Who is never told shows at the end of a run: why nothing is proven where there is none; or null. */
  private neverOver(): string | null {
    if (this.counted.ends > 0) return null;
    return 'no run came to its end in this scope, so nothing says who would never be told';
  }

  /** Runs ended as somebody had the page frames: why nothing is proven where nobody looks; or null. */
  private starved(): string | null {
    const { starved } = this.counted;
    if (starved === 0) return null;
    const states = starved === 1 ? '1 state' : `${starved} states`;
    return `in ${states} no page frame was left, and most of them in no packet: a kernel has more, and would have gone on there`;
  }

  /** The workload is named for a step that no run took: why nothing is proven of it; or null. */
  private neverTorn(): string | null {
    if (this.counted.torn !== 0) return null;
    const { sources } = this.start.machine().k.agenda;
    const own = sources.filter(tearsDown);
    if (own.length === 0) return null;
    const what = own.map((s) => `'${s.name} ${s.verbs[0]!}'`).join(', ');
    const how = this.options.bound.teardowns === 0 ? ' (raise --teardowns)' : '';
    return `what the workload is named for never happened in this scope: ${what}${how}`;
  }

  /** What is taken next from a state; null: all was. */
  private next(frame: Frame): Edge | null {
    const { armed: more, rows, taken } = frame;
    if (more.length > 0) return this.backwards ? more.shift()! : more.pop()!;
    return frame.next === taken.length ? null : edgeOf(rows, taken[frame.next++]!);
  }

  private step(cell: Cell, frame: Frame, edge: Edge): Found | null {
    const { player, options } = this;
    if (!player.measure(cell, edge)) return null;
    const { passed, steps, tornDown } = player;
    frame.tally.executions += steps;
    if (tornDown) frame.tally.torn = 1;
    frame.armed.push(...armed(cell.k.agenda.sources, options.bound, frame.rows, edge, passed));
    return this.arrive(cell, frame.state, edge, frame.depth + steps);
  }

  /** The machine is in a state: is it a finding, a new one, or known? */
  private arrive(cell: Cell, parent: number, edge: Edge | null, depth: number): Found | null {
    const { player, fingerprint, states } = this;
    const finding = player.foundIn(cell);
    if (finding !== null)
      return { finding, path: this.pathTo(parent, edge), steps: depth, atEnd: false };
    if (player.isFull(cell)) {
      this.stack.at(-1)!.tally.cut++;
      this.widen(); // another order may keep within the bound
      return null;
    }
    const { spent } = player;
    fingerprint.of(cell, spent);
    if (this.shared?.has(fingerprint.hi, fingerprint.lo) === true) return null;
    const known = states.size;
    const state = states.add(fingerprint.hi, fingerprint.lo, parent, edge);
    if (state < known) {
      this.meet(state, parent, edge!);
      return null;
    }
    this.depth = Math.max(this.depth, depth);
    if (state % REPORT === 0) this.tell(depth);
    if (this.options.isOver?.() === true) this.stopped = true;
    if ((state & (state - 1)) === 0 || state % COMPARED === 0) this.compareWithNew(state);
    return this.enter(cell, state, edge, depth);
  }

  /** Somebody who is told of it said stop, now or before. */
  get isStopped(): boolean {
    this.tell(this.depth);
    return this.stopped;
  }

  private tell(depth: number): void {
    if (this.options.onProgress?.(this.size, depth) === true) this.stopped = true;
  }

  private enter(cell: Cell, state: number, edge: Edge | null, depth: number): Found | null {
    const { player, selector, options } = this;
    const { spent } = player;
    const selection = player.selection ?? selector.in(cell.k.agenda, spent);
    const { rows, timerCut, taken, others, host } = selection;
    const tally = new Tally();
    if (timerCut) tally.cut++;
    if (keepsFrames(cell.k)) tally.starved++;
    if (taken.length === 0) {
      const found = timerCut ? null : this.end(cell, state, depth, tally);
      if (found === null) this.finish(state, tally);
      return found;
    }
    if (depth >= options.bound.steps) {
      this.stopped = true;
      return null;
    }
    if (host !== null) this.audit.leaves(state, host);
    const moment = taken.length > 1 || player.mayArm(spent) ? this.start.moment() : null;
    const order = this.backwards ? taken.toReversed() : taken;
    const frame = { state, spent, depth, rows, taken: order, others, tally, edge, moment };
    this.stack.push({ ...frame, next: 0, armed: [] });
    this.setOnTheWay(state);
    this.here = state;
    return null;
  }

  /** Nothing is left to do: whoever was not told by now never is. */
  private end(cell: Cell, state: number, depth: number, tally: Tally): Found | null {
    tally.ends++;
    const { verdicts } = cell.over();
    for (const [property, verdict] of Object.entries(verdicts))
      if (verdict !== 'not-exercised') tally.exercise(property as Property);
    const finding = this.player.foundIn(cell);
    if (finding === null) return null;
    return { finding, path: this.states.pathTo(state), steps: depth, atEnd: true };
  }

  /** Here by another way. One that leads back to where it came from must not keep the others' steps waiting for ever. */
  private meet(state: number, parent: number, edge: Edge): void {
    this.audit.met(state, parent, edge);
    if (this.onTheWay[state] === 1) this.widen();
  }

  /** The steps of one host are not enough behind all in the state at hand. */
  private widen(): void {
    const frame = this.stack.at(-1)!;
    frame.taken = [...frame.taken, ...frame.others];
    frame.others = [];
  }

  private leave(frame: Frame): void {
    this.stack.pop();
    this.onTheWay[frame.state] = 0;
    this.finish(frame.state, frame.tally);
  }

  /** Through with a state, and all that comes behind it. */
  private finish(state: number, tally: Tally): void {
    const { shared, states } = this;
    if (shared === null) this.tally.add(tally);
    else shared.finish(states.hiOf(state), states.loOf(state), tally);
  }

  private setOnTheWay(state: number): void {
    const { onTheWay } = this;
    if (state >= onTheWay.length) {
      this.onTheWay = new Uint8Array(roomier(state));
      this.onTheWay.set(onTheWay);
    }
    this.onTheWay[state] = 1;
  }

  /** The machine in use, in the state of `frame`, which is the last on the way. */
  private machineIn(frame: Frame): Cell {
    const { stack, start } = this;
    if (this.here === frame.state) return start.machineInUse;
    let from = stack.length - 1;
    while (from > 0 && stack[from]!.moment === null) from--;
    const { moment } = stack[from]!;
    const cell = moment === null ? start.machine() : start.machineAt(moment);
    for (let i = from + 1; i < stack.length; i++) this.player.take(cell, stack[i]!.edge!);
    return cell;
  }

  private pathTo(state: number, edge: Edge | null): Edge[] {
    return edge === null ? [] : [...this.states.pathTo(state), edge];
  }

  /** Throws NotAsNew if a machine that was never used before is not the same in `state`. */
  private compareWithNew(state: number): void {
    const { player, unused } = this;
    const { lo, hi } = this.fingerprint;
    const { spent, selection } = player;
    unused.of(player.behind(this.states.pathTo(state), this.start.newMachine()), player.spent);
    unused.forget();
    if (unused.lo !== lo || unused.hi !== hi) throw new NotAsNew();
    player.spent = spent;
    player.selection = selection;
  }
}
