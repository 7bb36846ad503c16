// In which states the steps of one host are enough. Steps at two hosts of which one lends nothing touch disjoint things,
// and between the hosts there are only wires, on which one side puts packets at the end while the other takes them from the
// front. So as long as a packet waits on every wire that leads to a host, nothing that the others do changes what may
// happen there: the steps that it has are a persistent set (Godefroid 1996). Every run from here is one in which a step
// of that set comes first, the others in the order they had; what it finds, that one finds.
import { FaultStep, Link, Spend, type Agenda } from '@lastref/kernel';
import { spendOne, type Bound } from './bound.ts';
import { Arm, Host, Row } from './choices.ts';

/** The host whose steps are enough in this state; null: those of all. */
export type Enough = (agenda: Agenda, bound: Bound, rows: Int32Array, spent: number) => Host | null;

export const enough: Enough = (agenda, bound, rows, spent) => {
  if (wiresAreUnsafe(bound, spent)) return null;
  let here = 0;
  let there = 0;
  for (let at = 0; at < rows.length; at += Row.WORDS) {
    if (rows[at + Row.ARM] !== Arm.NOTHING) continue;
    if (isOfAll(agenda, rows[at + Row.PLACE]!)) return null;
    if (rows[at + Row.HOST] === Host.LENDS) here++;
    else there++;
  }
  if (here === 0 || there === 0) return null; // all are of one host
  if (someWireIsAtItsLimit(agenda, bound)) return null;
  if (packetsWait(agenda, Host.LENDS_NOTHING)) return Host.LENDS_NOTHING;
  return packetsWait(agenda, Host.LENDS) ? Host.LENDS : null;
};

/** A twin goes behind what is on the wire, and any packet there may overtake: what the sender puts there matters. */
function wiresAreUnsafe(bound: Bound, spent: number): boolean {
  return (
    spendOne(bound, spent, Spend.DUPLICATE) >= 0 || spendOne(bound, spent, Spend.OVERTAKE) >= 0
  );
}

/** Is it no step of one host: the queue that a driver sent a packet back to may be anybody's. */
function isOfAll(agenda: Agenda, place: number): boolean {
  return agenda.sources[place] instanceof FaultStep;
}

/** One more is one too many: whether somebody takes one off first decides where the bound cuts. */
function someWireIsAtItsLimit({ sources }: Agenda, { flight }: Bound): boolean {
  return sources.some((s) => s instanceof Link && s.inFlight >= flight);
}

/** Is there a packet on every wire that leads to such a host? */
function packetsWait(agenda: Agenda, host: Host): boolean {
  let wires = 0;
  for (const source of agenda.sources) {
    if (!(source instanceof Link) || source.to === null) continue;
    const to = source.to.lendsNothing ? Host.LENDS_NOTHING : Host.LENDS;
    if (to !== host) continue;
    if (source.inFlight === 0) return false;
    wires++;
  }
  return wires > 0;
}

/**
 * Where rows begin that another order has, too: a packet that is lost on a wire on which nothing overtakes is missed when its
 * turn comes, and as well it is lost then.
 */
export function lostLater(
  agenda: Agenda,
  bound: Bound,
  rows: Int32Array,
  spent: number,
): readonly number[] {
  if (wiresAreUnsafe(bound, spent)) return NONE;
  let found: number[] | null = null;
  for (let at = 0; at < rows.length; at += Row.WORDS) {
    if (rows[at + Row.SPEND] !== Spend.DROP) continue;
    if (rows[at + Row.ITEM] !== agenda.sources[rows[at + Row.PLACE]!]!.item())
      (found ??= []).push(at);
  }
  return found ?? NONE;
}

const NONE: readonly number[] = [];
