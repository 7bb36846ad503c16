// Orders that cannot matter. Two steps are independent if they happen at different hosts, of which at most one
// lends pages: they touch disjoint things, and between the hosts there are only wires, on which one side puts
// packets at the end while the other takes them from the front. Of two orders of independent steps one is
// enough. Sleep sets (Godefroid 1996) leave out such steps, never states: the same states are visited.
import { Spend } from '@lastref/kernel';

/** What can be taken in a state, packed: one row a choice. */
export const Row = { PLACE: 0, VERB: 1, ITEM: 2, SPENT: 3, ID: 4, CLASS: 5, WORDS: 6 } as const;

/** Choices of one source that can be told apart. */
const PER_SOURCE = 4096;

/** A name of a choice that is the same in all machines of one shape: its source, and which of its choices. */
export function choiceId(place: number, ordinal: number): number {
  return place * PER_SOURCE + ordinal;
}

/** Where a step happens and what it spends, packed. */
export function choiceClass(peer: boolean, spend: Spend): number {
  return spend * 2 + (peer ? 1 : 0);
}

export function isTeardown(kind: number): boolean {
  return kind >> 1 === Spend.TEARDOWN;
}

/** Does it wait for a point of the next step? Of a state into which nothing comes yet. */
export function comesIn(kind: number): boolean {
  return kind >> 1 === Spend.PREEMPTION;
}

/** Do steps of these two classes commute? */
export function independent(a: number, b: number): boolean {
  if (((a ^ b) & 1) === 0) return false;
  const one = a >> 1;
  const other = b >> 1;
  if (!alone(one) || !alone(other)) return false;
  return one !== other || one === Spend.NOTHING; // else one may use up what the other needs
}

/** A twin is put behind what is on the wire, which the sender changes; a failure, a teardown or the other processor may hit anybody. */
function alone(spend: number): boolean {
  return (
    spend !== Spend.DUPLICATE &&
    spend !== Spend.FAILURE &&
    spend !== Spend.TEARDOWN &&
    spend !== Spend.PREEMPTION
  );
}

/** Row of the choice called `id`, or -1. */
export function rowOf(choices: Int32Array, id: number): number {
  for (let at = 0; at < choices.length; at += Row.WORDS) {
    if (choices[at + Row.ID] === id) return at;
  }
  return -1;
}

/** Of the choices `ids`, those that commute with the one of class `taken`. */
export function stillAsleep(
  choices: Int32Array,
  ids: readonly number[],
  taken: number,
  commute = independent,
): number[] {
  return ids.filter((id) => {
    const at = rowOf(choices, id);
    return at >= 0 && commute(choices[at + Row.CLASS]!, taken);
  });
}
