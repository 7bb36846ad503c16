// How far a search goes. A bound limits what the surroundings do; the machine itself is never cut short.
import { Spend } from '@lastref/kernel';

export interface Bound {
  /** Operations that the producers submit in all. */
  readonly operations: number;
  /** Times that a timer fires which makes somebody send again. */
  readonly retransmissions: number;
  /** Packets that the wire loses, doubles, or lets overtake another one. */
  readonly drops: number;
  readonly duplicates: number;
  readonly overtakes: number;
  /** Allocations and devices that fail. */
  readonly failures: number;
  /** Connections that are torn down, programs that stop reading: in a workload that is named for it. */
  readonly teardowns: number;
  /** Steps of the other processor inside a step of this one; 0: there is one processor. */
  readonly preemptions: number;
  /** Packets in flight on one wire. */
  readonly flight: number;
  /** Steps of one run. */
  readonly steps: number;
  /** States that are visited in all. */
  readonly states: number;
}

export const DEFAULT_BOUND: Bound = {
  operations: 1,
  retransmissions: 1,
  drops: 1,
  duplicates: 0,
  overtakes: 0,
  failures: 0,
  teardowns: 1,
  preemptions: 0,
  flight: 8,
  steps: 200,
  states: 2_000_000,
};

/** Bits that each count takes in a packed `spent`. */
const BITS = 4;
/** Most that a count can be set to. */
export const SPEND_MAX = (1 << BITS) - 1;

/** Where each kind stands in a packed count; -1: never taken, as it changes nothing but time. */
const PLACE: Readonly<Record<Spend, number>> = {
  [Spend.NOTHING]: -2,
  [Spend.DROP]: 0,
  [Spend.DUPLICATE]: 1,
  [Spend.OVERTAKE]: 2,
  [Spend.TIMEOUT]: 3,
  [Spend.FAILURE]: 4,
  [Spend.DELAY]: -1,
  [Spend.TEARDOWN]: 5,
  [Spend.PREEMPTION]: 6,
};

/** What the bound allows of `kind`. */
function allowed(bound: Bound, kind: Spend): number {
  switch (kind) {
    case Spend.DROP:
      return bound.drops;
    case Spend.DUPLICATE:
      return bound.duplicates;
    case Spend.OVERTAKE:
      return bound.overtakes;
    case Spend.TIMEOUT:
      return bound.retransmissions;
    case Spend.FAILURE:
      return bound.failures;
    case Spend.TEARDOWN:
      return bound.teardowns;
    case Spend.PREEMPTION:
      return bound.preemptions;
    default:
      return 0;
  }
}

/** `spent` after one more of `kind`, or -1 where the bound does not allow it. */
export function spendOne(bound: Bound, spent: number, kind: Spend): number {
  const place = PLACE[kind];
  if (place === -2) return spent;
  if (place === -1) return -1;
  const so = (spent >> (place * BITS)) & SPEND_MAX;
  return so < allowed(bound, kind) ? spent + (1 << (place * BITS)) : -1;
}

/** The scope, in words: what was varied, and how often. */
export function boundText(bound: Bound): string {
  const n = (count: number, one: string, many = `${one}s`): string =>
    `${count} ${count === 1 ? one : many}`;
  return [
    n(bound.operations, 'operation'),
    `at most ${n(bound.retransmissions, 'retransmission')}`,
    n(bound.drops, 'drop'),
    n(bound.duplicates, 'duplicate'),
    n(bound.overtakes, 'overtaking', 'overtakings'),
    n(bound.failures, 'failure'),
    n(bound.teardowns, 'teardown'),
    ...(bound.preemptions === 0
      ? []
      : [`two processors, ${n(bound.preemptions, 'step')} of one inside a step of the other`]),
    `${bound.flight} packets in flight`,
    `${bound.steps} steps a run`,
  ].join(', ');
}
