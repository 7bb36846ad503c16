// What a place that handles entries has to ask for, and whether every way through it does.
import type { Deed, Flow, Place } from './flow.ts';
import { HOOKS, isHook, type Hook } from './hooks.ts';
import type { Owners } from './owners.ts';
import { alwaysPasses, withGuards } from './paths.ts';

/** Why a place has to ask for the owner of what it handles. */
export const QUERIES = ['transfer', 'chain', 'lend', 'write'] as const;
export type Query = (typeof QUERIES)[number];

export interface Demand {
  readonly query: Query;
  readonly line: number;
  /** Whose entries go where: names of variables. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Hooks that every way through it passes. */
  readonly hooks: readonly Hook[];
  /** It goes to a record that is no packet, which another function fills one from; or comes from a device's frame. */
  readonly aside: 'record' | 'device' | null;
}

/** A demand before its hooks are known. */
export interface Asked {
  readonly query: Query;
  readonly place: Place;
  readonly line: number;
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string>;
  /** All of the shared info is copied: its flags are with it. */
  readonly whole: boolean;
  readonly aside: Demand['aside'];
}

/** What is asked there, with the hooks that every way passes. */
export function demandOf(
  flow: Flow,
  owners: Owners,
  { query, place, line, from, to, whole, aside }: Asked,
): Demand {
  const hooks = HOOKS.filter(
    (hook) => (whole && hook === 'marker') || hooked(flow, owners, hook, place, from),
  );
  return { query, line, from: [...from].sort(), to: [...to].sort(), hooks, aside };
}

/** For every packet that entries come from, each way through `at` passes a hook that speaks of it. */
function hooked(
  flow: Flow,
  owners: Owners,
  hook: Hook,
  at: Place,
  from: ReadonlySet<string>,
): boolean {
  const packets = [...from].filter((name) => owners.isSkb(name));
  const places = hookPlaces(flow, hook);
  if (places.length === 0) return false;
  const speaks = (deeds: readonly Deed[], name: string): boolean =>
    deeds.some((d) => mentions(flow, d, name));
  const covers = (name: string | null): boolean => {
    const marked = new Set(
      places.filter(({ deeds }) => name === null || speaks(deeds, name)).map((m) => m.id),
    );
    for (const place of flow.places) if (place.linear) marked.add(place.id);
    return alwaysPasses(flow, at, withGuards(flow, marked));
  };
  return packets.length === 0 ? covers(null) : packets.every(covers);
}

/** Where `hook` is done, or asked for. */
export function hookPlaces(flow: Flow, hook: Hook): { id: number; deeds: readonly Deed[] }[] {
  return flow.places.flatMap(({ id, deeds, condition }) => {
    const found = deeds.filter((d) => isHook(hook, d));
    const asks: Deed = { kind: 'store', lhs: condition, op: '', rhs: '', line: 0 };
    if (found.length === 0 && condition !== '' && isHook(hook, asks)) found.push(asks);
    return found.length === 0 ? [] : [{ id, deeds: found }];
  });
}

/** Does it name the packet, or a variable that was given it? */
function mentions(flow: Flow, deed: Deed, name: string): boolean {
  const text = deed.kind === 'call' ? deed.args.join(' ') : `${deed.lhs} ${deed.rhs}`;
  const words = new Set<string>(text.match(/[A-Za-z_]\w*/g) ?? []);
  if (words.has(name)) return true;
  return flow.places.some((p) =>
    p.deeds.some(
      (d) =>
        d.kind === 'store' &&
        d.op === '=' &&
        words.has(d.lhs) &&
        new RegExp(`\\b${name}\\b`).test(d.rhs),
    ),
  );
}
