// Mutants of a design, made of its class by reflection: each hook that it overrides is taken away, called twice, or
// called at its neighbour's place or one call late.
import { GetPutPage, Site, type Design, type PageLifetime } from '@lastref/kernel';

export type Hook = keyof PageLifetime;
type Method = (...args: unknown[]) => unknown;

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
  const create: Design['create'] = (services) => {
    const lifetime = design.create(services) as unknown as Seam;
    for (const [i, hook] of HOOKS.entries()) {
      const own = lifetime[hook].bind(lifetime);
      lifetime[hook] = (...args) => {
        set |= 1 << i;
        return own(...args);
      };
    }
    return lifetime as unknown as PageLifetime;
  };
  const called = (): HookSet => {
    const since = set;
    set = 0;
    return since;
  };
  return { design: { ...design, create }, called };
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

function mutantsOf(design: Design, hook: Hook): HookMutant[] {
  const out: HookMutant[] = [];
  const add = (
    change: string,
    mutate: (l: Seam, own: Method) => void,
    touches = setOf(hook),
  ): void => {
    const calls = { n: 0 };
    const create: Design['create'] = (services) => {
      const lifetime = design.create(services) as unknown as Seam;
      const own = lifetime[hook].bind(lifetime);
      mutate(lifetime, own);
      const changed = lifetime[hook];
      lifetime[hook] = (...args) => {
        calls.n++;
        return changed.apply(lifetime, args);
      };
      return lifetime as unknown as PageLifetime;
    };
    out.push({ hook, change, calls, touches, design: { ...design, create } });
  };
  const base = GetPutPage.prototype as unknown as Seam;
  add('removed', (l) => {
    l[hook] = base[hook];
  });
  add('called twice', (l, own) => {
    l[hook] = (...args) => {
      own(...args);
      return own(...args);
    };
  });
  const seam: { operands: string; answers: boolean; site?: number } = SEAM[hook];
  const { site } = seam;
  if (site !== undefined) {
    for (const [by, text] of [
      [-1, 'told of the site before'],
      [1, 'told of the site behind'],
    ] as const) {
      add(text, (l, own) => {
        l[hook] = (...args) => {
          const at = SITES.indexOf(args[site] as Site);
          const moved = [...args];
          moved[site] = SITES[(at + by + SITES.length) % SITES.length];
          return own(...moved);
        };
      });
    }
  }
  const peers = HOOKS.filter((h) => SEAM[h].operands === seam.operands && !SEAM[h].answers);
  const place = peers.indexOf(hook);
  for (const other of [peers[place - 1], peers[place + 1]]) {
    if (other === undefined || seam.answers) continue;
    add(
      `called where ${other} is`,
      (l, own) => {
        const theirs = l[other].bind(l);
        l[hook] = base[hook];
        l[other] = (...args) => {
          theirs(...args);
          own(...args);
        };
      },
      setOf(hook, other),
    );
  }
  if (!seam.answers) {
    add('called one call late', (l, own) => {
      let due: unknown[] | null = null;
      const flush = (): void => {
        const args = due;
        due = null;
        if (args !== null) own(...args);
      };
      for (const other of HOOKS) {
        if (other === hook) continue;
        const theirs = l[other].bind(l);
        l[other] = (...args) => {
          flush();
          return theirs(...args);
        };
      }
      l[hook] = (...args) => {
        flush();
        due = args;
      };
    });
  }
  return out;
}

/** A design's instance with its hooks as plain functions. */
type Seam = Record<Hook, Method>;
