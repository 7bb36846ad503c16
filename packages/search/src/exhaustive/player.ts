// Plays edges on the machine in use, and looks at what comes of them.
import type { Finding } from '@lastref/judge';
import { Link, Spend, type StepSource } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import { Arising } from './arising.ts';
import { spendOne } from './bound.ts';
import { Host, tearsDown } from './choices.ts';
import { DesignLook, HostsAreCoupled, sees } from './coupled.ts';
import { edgeOf, type Edge, type Passed } from './edges.ts';
import type { ExploreOptions } from './explore.ts';
import type { Found, Run } from './found.ts';
import type { Selection, Selector } from './selection.ts';
import type { Start } from './start.ts';

/** More than any step allocates. */
const MANY = 1 << 30;
/** Steps that follow one another with no choice: more of them are looked at one by one. */
const FOLLOWING_MAX = 64;

/** Where steps may come first, in a machine in which something may, or may not, be torn down. */
interface First {
  readonly places: readonly number[];
  readonly tears: boolean;
}

/** What may come first among `sources`. */
function firstOf(sources: readonly StepSource[]): First {
  return {
    places: [...sources.keys()].filter((at) => sources[at]!.mayComeFirst !== undefined),
    tears: sources.some(tearsDown),
  };
}

export class Player {
  /** Steps that were played, to come to a state and to leave it. */
  played = 0;
  /** Of the last edge: what the run has spent behind it, and its steps. */
  spent = 0;
  steps = 0;
  /** One of them was a teardown. */
  tornDown = false;
  /** What may be taken behind the last edge, if that was asked for already. */
  selection: Selection | null = null;
  /** What the last edge came by that was taken by `measure`. */
  readonly passed: Passed = {
    allocations: 0,
    packets: 0,
    arising: new Arising(),
  };
  readonly start: Start;
  private readonly options: ExploreOptions;
  /** Takes what must follow with an edge; null: each edge is one step. */
  private readonly selector: Selector | null;
  private readonly tellsHostsApart: boolean;
  /** Null: nobody has looked yet. */
  private first: First | null = null;
  private designLook: DesignLook | null = null;
  /** Of what is done at once behind a step. */
  private settleLook: DesignLook | null = null;

  constructor(start: Start, options: ExploreOptions, selector: Selector | null) {
    this.start = start;
    this.options = options;
    this.selector = selector;
    this.tellsHostsApart = selector?.tellsHostsApart === true;
  }

  /** A machine behind these edges. */
  behind(path: readonly Edge[], cell = this.start.machine()): Cell {
    this.spent = 0;
    for (const edge of path) this.take(cell, edge);
    return cell;
  }

  /** Takes an edge, and the steps that must follow; false if it does not apply here. */
  take(cell: Cell, edge: Edge): boolean {
    this.steps = 0;
    this.tornDown = false;
    this.selection = null;
    if (!this.takeOne(cell, edge)) return false;
    if (this.selector === null) return true;
    if (this.tellsHostsApart) this.takeFirst(cell);
    this.follow(cell, this.selector);
    return true;
  }

  /** Takes the steps of an edge alone. Throws HostsAreCoupled if hosts are taken for independent and may not be. */
  takeOne(cell: Cell, edge: Edge): boolean {
    if (!this.tellsHostsApart) return this.takeSteps(cell, edge);
    const look = this.lookAt(cell);
    look.take();
    const taken = this.takeSteps(cell, edge);
    const there = edge.host === Host.LENDS_NOTHING;
    if (look.differs || (there && look.tells)) throw new HostsAreCoupled(there);
    return taken;
  }

  private lookAt({ k }: Cell): DesignLook {
    if (this.designLook?.k !== k) this.designLook = new DesignLook(k);
    return this.designLook;
  }

  private settleLookAt({ k }: Cell): DesignLook {
    if (this.settleLook?.k !== k) this.settleLook = new DesignLook(k);
    return this.settleLook;
  }

  private takeSteps(cell: Cell, { arms, place, verb, item, spent, tearsDown }: Edge): boolean {
    this.played++;
    this.steps += 1 + arms.length;
    this.spent = spent;
    for (const arm of arms) if (!cell.take(arm.place, arm.verb, arm.item)) return false;
    const { agenda } = cell.k;
    const meets = agenda.coming !== null;
    if (!cell.take(place, verb, item)) return false;
    this.start.settle(cell, this.settleLookAt(cell));
    if (tearsDown) this.tornDown = true;
    return !meets || agenda.cameIn;
  }

  /**
   * Takes the steps that may as well come first, as long as the design does not look at the host where they are. A shortest run may
   * do without them, so who looks for that takes them when they are asked for. What a design does where somebody has not
   * read yet, no step of such a search shows (seen-later.ts). Throws HostsAreCoupled if it is known to look at that.
   */
  private takeFirst(cell: Cell): void {
    const { agenda } = cell.k;
    const { bound } = this.options;
    const { sources } = agenda;
    if (agenda.coming !== null || bound.preemptions > 0) return;
    const { tears, places } = (this.first ??= firstOf(sources));
    if (tears && spendOne(bound, this.spent, Spend.TEARDOWN) >= 0) return; // who is torn down reads no more
    if (sees(cell.k)) throw new HostsAreCoupled(true);
    const look = this.lookAt(cell);
    for (const place of places) {
      const source = sources[place]!;
      while (
        agenda.isArmed(place) &&
        !agenda.isRefused(place) &&
        source.mayComeFirst!(bound.steps)
      ) {
        look.take();
        cell.take(place, 0, source.item());
        if (look.differs || look.tells) throw new HostsAreCoupled(true);
        this.steps++;
      }
    }
  }

  /** Where there is one step to take, and nothing to be armed for it, there is no state to come back to. */
  private follow(cell: Cell, selector: Selector): void {
    for (let n = 0; n < FOLLOWING_MAX && !this.mayArm(this.spent); n++) {
      const selection = selector.in(cell.k.agenda, this.spent);
      const { rows, taken } = selection;
      if (taken.length !== 1 || !this.takeOne(cell, edgeOf(rows, taken[0]!))) {
        this.selection = selection;
        return;
      }
      if (this.tellsHostsApart) this.takeFirst(cell);
    }
  }

  /** May something be armed for a step? */
  mayArm(spent: number): boolean {
    const { bound } = this.options;
    return (
      spendOne(bound, spent, Spend.FAILURE) >= 0 || spendOne(bound, spent, Spend.PREEMPTION) >= 0
    );
  }

  /** Takes an edge, and counts in `passed` what could still be armed for it. */
  measure(cell: Cell, edge: Edge): boolean {
    const { k } = cell;
    const { passed } = this;
    const { arising } = passed;
    const { bound } = this.options;
    arising.forget();
    const failing = spendOne(bound, edge.spent, Spend.FAILURE) >= 0;
    const preempted = edge.arms.length === 0 && spendOne(bound, edge.spent, Spend.PREEMPTION) >= 0;
    const { handed } = k.deviceFaults;
    if (failing) k.failIn = MANY;
    if (preempted) arising.begin(k, edge.place);
    const taken = this.take(cell, edge);
    passed.allocations = failing ? MANY - k.failIn : 0;
    passed.packets = failing ? k.deviceFaults.handed - handed : 0;
    if (failing) k.failIn = 0;
    if (preempted) arising.end();
    return taken;
  }

  /** What is searched for, if the machine shows it. */
  foundIn(cell: Cell): Finding | null {
    return this.askedOf(cell).find((f) => this.asked(f)) ?? null;
  }

  /** All of what is searched for that the machine shows. */
  findingsIn(cell: Cell): Finding[] {
    return this.askedOf(cell).filter((f) => this.asked(f));
  }

  /** Of a search past findings of others, those are history. */
  private askedOf({ judge }: Cell): readonly Finding[] {
    return this.options.property === undefined ? judge.findings : judge.everything;
  }

  private asked({ property, harm }: Finding): boolean {
    const { property: wanted = property, harm: wantedHarm = harm } = this.options;
    return property === wanted && harm === wantedHarm;
  }

  /** More packets are on a wire than the bound allows. */
  isFull(cell: Cell): boolean {
    const { flight } = this.options.bound;
    return cell.k.agenda.sources.some((s) => s instanceof Link && s.inFlight > flight);
  }

  /** That run, on a machine that nobody used before; null: there it does not show. */
  runOf({ path, finding, atEnd, steps }: Found): Run | null {
    const begun = this.start.newMachine();
    const before = begun.recorder.steps.length;
    const cell = this.behind(path, begun);
    const list = cell.recorder.steps.slice(before);
    if (atEnd) cell.over();
    const { property, harm, where, step } = finding;
    const again = cell.judge.everything.find(
      (f) => f.property === property && f.harm === harm && f.where === where && f.step === step,
    );
    return again === undefined ? null : { finding, trace: cell.recorder.upTo(step), steps, list };
  }
}
