// Mutants of a design, made of its class by reflection: each hook that it overrides is taken away, called twice, or
// called at its neighbour's place or one call late.
import { GetPutPage, Site, type Design, type PageLifetime } from '@lastref/kernel';

export type Hook = keyof PageLifetime;
type Method = (this: object, ...args: unknown[]) => unknown;

/** What the seam says of each hook: those that answer nothing can be called where others with their operands are. */
const SEAM = {
  canAppend: { operands: 'skb and loan', answers: true },
  begins: { operands: 'loan and tail', answers: false },
  lend: { operands: 'page', answers: false },
  mayMerge: { operands: 'frag and loan', answers: true },
  merged: { operands: 'frag that grew', answers: false },
  mayMove: { operands: 'two skbs', answers: true, site: 2 },
  returned: { operands: 'loan', answers: false },
  released: { operands: 'loan', answers: false },
  replied: { operands: 'loan', answers: false },
  unanswered: { operands: 'loan, given up', answers: false },
  fragRef: { operands: 'frag', answers: false },
  fragUnref: { operands: 'frag', answers: false },
  pageRef: { operands: 'page alone', answers: false },
  pageUnref: { operands: 'page alone', answers: false },
  pageFree: { operands: 'page alone', answers: true },
  pageIdle: { operands: 'page alone', answers: false },
  clone: { operands: 'skb and site', answers: true, site: 1 },
  adopt: { operands: 'skb and child', answers: false, site: 2 },
  mayWriteFrags: { operands: 'skb', answers: true },
  orphanFrags: { operands: 'skb', answers: false },
  orphanFragsRx: { operands: 'skb', answers: false },
  pagesLeft: { operands: 'skb', answers: false },
  ubufsCopied: { operands: 'skb', answers: false },
  zcopyClear: { operands: 'shinfo', answers: false },
  dataFree: { operands: 'shinfo', answers: true },
  charged: { operands: 'skb on its way out', answers: false },
  skbDestructor: { operands: 'skb', answers: false },
  cbFound: { operands: 'skb', answers: false },
  mayWrite: { operands: 'page alone', answers: true },
  keepsOwner: { operands: 'nothing', answers: true },
  closed: { operands: 'sock', answers: false },
  acked: { operands: 'sock and seq', answers: false },
} as const satisfies Record<Hook, { operands: string; answers: boolean; site?: number }>;

const HOOKS = Object.keys(SEAM) as Hook[];
const SITES = Object.values(Site);

/** One change of one hook. */
export interface HookMutant {
  readonly hook: Hook;
  readonly change: string;
  /** The design, changed. `calls` counts how often the changed hook was reached. */
  readonly design: Design;
  readonly calls: { n: number };
  /** Where the original calls none of these, the mutant does the same as it. */
  readonly touches: HookSet;
}

/** A bit for each hook, in the seam's order: 32 of them, and no more. */
export type HookSet = number;
if (HOOKS.length > 32) throw new RangeError('a seam of more hooks than a set has bits');

function setOf(...hooks: Hook[]): HookSet {
  return hooks.reduce((set, hook) => set | (1 << HOOKS.indexOf(hook)), 0);
}

/** `design` as it is; `called` gives the hooks that were called since it was last asked. */
export function watched(design: Design): { design: Design; called: () => HookSet } {
  let set: HookSet = 0;
  const looked = withHooks(design, (own) =>
    Object.fromEntries(
      HOOKS.map((hook, i) => [
        hook,
        function (this: object, ...args: unknown[]) {
          set |= 1 << i;
          return own[hook].apply(this, args);
        },
      ]),
    ),
  );
  const called = (): HookSet => {
    const since = set;
    set = 0;
    return since;
  };
  return { design: looked, called };
}

/**
 * `design` of a class below its own, in which `change` stands for some of the hooks: `own` are those of the class itself. Methods
 * are no state, so a search goes back with such a design as with any other.
 */
function withHooks(
  design: Design,
  change: (own: Seam) => Partial<Seam>,
  fields: Readonly<Record<string, unknown>> = {},
): Design {
  const below = new Map<object, object>();
  const create: Design['create'] = (services) => {
    const lifetime = Object.assign(design.create(services), fields);
    const kind = Object.getPrototypeOf(lifetime) as object;
    let changed = below.get(kind);
    if (changed === undefined) {
      changed = Object.assign(Object.create(kind) as object, change(kind as Seam));
      below.set(kind, changed);
    }
    return Object.setPrototypeOf(lifetime, changed) as PageLifetime;
  };
  return { ...design, create };
}

/** The hooks that the class of `design` implements itself, in the seam's order. */
export function overridden(design: Design): Hook[] {
  const names = new Set<string>();
  let proto = Object.getPrototypeOf(design.create(NOBODY)) as object;
  while (proto !== GetPutPage.prototype && proto !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(proto)) names.add(name);
    proto = Object.getPrototypeOf(proto) as object;
  }
  return HOOKS.filter((hook) => names.has(hook));
}

/** Services that nobody calls: a design is made only to look at its class. */
const NOBODY = new Proxy({} as never, {
  get: (_, name) => {
    if (name === 'sideField') return () => ({});
    throw new Error(`a design that was only looked at calls ${String(name)}`);
  },
});

/** Every mutant of `design`. */
export function hookMutants(design: Design): HookMutant[] {
  return overridden(design).flatMap((hook) => mutantsOf(design, hook));
}

/** A mutant as it is written: hooks that stand for others. */
interface Change {
  readonly text: string;
  readonly hooks: (own: Seam) => Partial<Seam>;
  /** Where the original calls none of these, the mutant does the same as it; without: the hook alone. */
  readonly touches?: readonly Hook[];
  /** What it remembers, as a machine begins. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

function mutantsOf(design: Design, hook: Hook): HookMutant[] {
  return changesOf(hook).map(({ text, hooks, touches = [hook], fields }) => {
    const calls = { n: 0 };
    const counted = (own: Seam): Partial<Seam> => {
      const changed = hooks(own);
      const there = changed[hook]!;
      return {
        ...changed,
        [hook](this: object, ...args: unknown[]) {
          calls.n++;
          return there.apply(this, args);
        },
      };
    };
    const mutant = withHooks(design, counted, fields);
    return { hook, change: text, calls, touches: setOf(...touches), design: mutant };
  });
}

function changesOf(hook: Hook): Change[] {
  const seam: { operands: string; answers: boolean; site?: number } = SEAM[hook];
  return [
    { text: 'removed', hooks: () => ({ [hook]: BASE[hook] }) },
    { text: 'called twice', hooks: (own) => ({ [hook]: twice(own[hook]) }) },
    ...(seam.site === undefined ? [] : toldOfOtherSites(hook, seam.site)),
    ...(seam.answers ? [] : [...calledElsewhere(hook), calledLate(hook)]),
  ];
}

const BASE = GetPutPage.prototype as unknown as Seam;

function twice(own: Method): Method {
  return function (this: object, ...args) {
    own.apply(this, args);
    return own.apply(this, args);
  };
}

function toldOfOtherSites(hook: Hook, site: number): Change[] {
  const by = (n: number, text: string): Change => ({
    text,
    hooks: (own) => ({
      [hook](this: object, ...args: unknown[]) {
        const at = SITES.indexOf(args[site] as Site);
        const moved = [...args];
        moved[site] = SITES[(at + n + SITES.length) % SITES.length];
        return own[hook].apply(this, moved);
      },
    }),
  });
  return [by(-1, 'told of the site before'), by(1, 'told of the site behind')];
}

/** At the places of its neighbours in the seam that get the same operands. */
function calledElsewhere(hook: Hook): Change[] {
  const { operands } = SEAM[hook];
  const peers = HOOKS.filter((h) => SEAM[h].operands === operands && !SEAM[h].answers);
  const place = peers.indexOf(hook);
  return [peers[place - 1], peers[place + 1]]
    .filter((other) => other !== undefined)
    .map((other) => ({
      text: `called where ${other} is`,
      touches: [hook, other],
      hooks: (own) => ({
        [hook]: BASE[hook],
        [other](this: object, ...args: unknown[]) {
          own[other].apply(this, args);
          own[hook].apply(this, args);
        },
      }),
    }));
}

/** What the call that is late was told; null: none is. A field, as it is state. */
interface Late {
  heldBack: unknown[] | null;
}

function calledLate(hook: Hook): Change {
  return {
    text: 'called one call late',
    fields: { heldBack: null } satisfies Late,
    hooks: (own) => {
      const flush = (late: Late): void => {
        const { heldBack } = late;
        late.heldBack = null;
        if (heldBack !== null) own[hook].apply(late, heldBack);
      };
      const changed: Partial<Seam> = {};
      for (const other of HOOKS)
        changed[other] = function (this: Late, ...args: unknown[]) {
          flush(this);
          return own[other].apply(this, args);
        } as Method;
      changed[hook] = function (this: Late, ...args: unknown[]) {
        flush(this);
        this.heldBack = args;
      } as Method;
      return changed;
    },
  };
}

/** The hooks of a class as plain functions. */
type Seam = Record<Hook, Method>;
