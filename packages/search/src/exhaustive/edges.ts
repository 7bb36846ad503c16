// What leads from one state to the next: a step, and before it what is armed for it. A failure that is armed long before
// it happens is the one that is armed just before, so only those are taken.
import { OtherProcessor, Spend, pointOf, type StepSource } from '@lastref/kernel';
import type { Arising } from './arising.ts';
import { spendOne, type Bound } from './bound.ts';
import { Arm, Row, type Host } from './choices.ts';

/** Where, what, which. */
export interface Step {
  readonly place: number;
  readonly verb: number;
  readonly item: number;
}

export interface Edge extends Step {
  /** Armed before it, in this order; they happen inside it. */
  readonly arms: readonly Step[];
  readonly host: Host;
  /** What the run has spent behind it. */
  readonly spent: number;
  readonly tearsDown: boolean;
}

const EDGE_BYTES = 200;

/** Edges as small numbers, by which a state remembers how it was come to. */
export class Edges {
  private readonly all: Edge[] = [];
  private readonly ids = new Map<string, number>();

  /** What they take, about: an object and a name each. */
  get bytes(): number {
    return EDGE_BYTES * this.all.length;
  }

  idOf(edge: Edge): number {
    let name = `${edge.place},${edge.verb},${edge.item},${edge.spent}`;
    for (const { place, verb, item } of edge.arms) name += `;${place},${verb},${item}`;
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.all.push(edge) - 1;
      this.ids.set(name, id);
    }
    return id;
  }

  get(id: number): Edge {
    return this.all[id]!;
  }
}

/** The step of a row, with nothing armed for it. */
export function edgeOf(rows: Int32Array, at: number): Edge {
  return {
    place: rows[at + Row.PLACE]!,
    verb: rows[at + Row.VERB]!,
    item: rows[at + Row.ITEM]!,
    arms: NONE,
    host: rows[at + Row.HOST] as Host,
    spent: rows[at + Row.SPENT]!,
    tearsDown: rows[at + Row.SPEND] === Spend.TEARDOWN,
  };
}

const NONE: readonly Step[] = [];

/** What a step came by, where it could have gone otherwise. */
export interface Passed {
  allocations: number;
  packets: number;
  /** Its points, and what it made possible for the other processor. */
  readonly arising: Arising;
}

/** The same step once for each row that can be armed for it, given what it came by without. */
export function armed(
  sources: readonly StepSource[],
  bound: Bound,
  rows: Int32Array,
  edge: Edge,
  passed: Passed,
): Edge[] {
  const out: Edge[] = [];
  for (let at = 0; at < rows.length; at += Row.WORDS) {
    const arm = rows[at + Row.ARM] as Arm;
    const place = rows[at + Row.PLACE]!;
    const item = rows[at + Row.ITEM]!;
    if (!happens(arm, item, passed)) continue;
    if (arm === Arm.POINT && !mayMeet(sources[place]!, sources[edge.place]!)) continue;
    const spent = spendOne(bound, edge.spent, rows[at + Row.SPEND] as Spend);
    if (spent >= 0) out.push(withArm(edge, { place, verb: rows[at + Row.VERB]!, item }, spent));
  }
  const spent = spendOne(bound, edge.spent, Spend.PREEMPTION);
  if (spent >= 0) for (const step of passed.arising.steps) out.push(withArm(edge, step, spent));
  return out;
}

/** What comes in is armed last: it waits for the very next step. */
export function withArm(edge: Edge, arm: Step, spent: number): Edge {
  return { ...edge, arms: [arm, ...edge.arms], spent };
}

/** Does what is armed happen in a step that comes by so much? What is counted by nobody (0) does not. */
function happens(arm: Arm, item: number, { allocations, packets, arising }: Passed): boolean {
  switch (arm) {
    case Arm.ALLOCATION:
      return item <= allocations;
    case Arm.PACKET:
      return item <= packets;
    case Arm.POINT:
      return pointOf(item) < arising.points;
    default:
      return false;
  }
}

function mayMeet(other: StepSource, source: StepSource): boolean {
  return other instanceof OtherProcessor && other.mayMeet(source);
}
