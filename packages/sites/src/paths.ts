// Is there a way through a place of a function that passes none of some other places? Ways that end in a failure do not
// count: what they have done is thrown away.
import type { Flow, Place } from './flow.ts';

/** Conditions that only ask whether there is anything to hook. */
const ASKS = /flags|zcopy|zerocopy|uarg|shared|nr_frags|frag_list|pp_recycle|managed|data_len/;

/** Places that count as passed: those of `marked`, and conditions that only decide whether one of them is needed. */
export function withGuards(flow: Flow, marked: ReadonlySet<number>): ReadonlySet<number> {
  const all = new Set(marked);
  for (const place of flow.places)
    if (ASKS.test(place.condition) && place.guarded.some((id) => marked.has(id))) all.add(place.id);
  return all;
}

/** Every way through `at` that does not fail passes one of `marked`. */
export function alwaysPasses(flow: Flow, at: Place, marked: ReadonlySet<number>): boolean {
  if (marked.has(at.id)) return true;
  return !reached(flow, at, marked) || !leaves(flow, at, marked);
}

/** From the start to `at`, past none of `marked`. */
function reached(flow: Flow, at: Place, marked: ReadonlySet<number>): boolean {
  return walk(flow, flow.places[0]!, marked, (p) => p === at);
}

/** From `at` to an end that is no failure, past none of `marked`. */
function leaves(flow: Flow, at: Place, marked: ReadonlySet<number>): boolean {
  return walk(flow, at, marked, (p) => p.ends && !p.fails);
}

function walk(
  flow: Flow,
  from: Place,
  marked: ReadonlySet<number>,
  found: (place: Place) => boolean,
): boolean {
  const seen = new Set<number>([from.id]);
  const open = [from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (found(place)) return true;
    if (place.fails) continue;
    for (const id of place.next)
      if (!seen.has(id) && !marked.has(id)) {
        seen.add(id);
        open.push(flow.places[id]!);
      }
  }
  return false;
}
