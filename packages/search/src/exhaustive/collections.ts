// How records, lists, maps and sets are written down and put back.
import { nowhere, refers, type Layout } from './layout.ts';

type Fields = Record<string, unknown>;

/** A record, or an object of a design's class: it may gain fields, which are taken away again. */
export const RECORD: Layout = {
  comesAndGoes: false,
  flat: null,
  differs(o, block) {
    let at = 0;
    for (const key of Object.keys(o)) {
      const v = (o as Fields)[key];
      if (typeof v === 'function') continue;
      if (block[at] !== key || !Object.is(block[at + 1], v)) return true;
      at += 2;
    }
    return at !== block.length;
  },
  keep(o, block, keeper, sites) {
    const keys = Object.keys(o);
    const now: unknown[] = [];
    let same = block !== null;
    for (const key of keys) {
      const v = (o as Fields)[key];
      if (typeof v === 'function') continue;
      if (typeof v === 'object' && v !== null) refers(v, sites, now.length, keeper);
      if (same && (block![now.length] !== key || !Object.is(block![now.length + 1], v)))
        same = false;
      now.push(key, v);
    }
    return same && block!.length === now.length ? block! : now;
  },
  meetConstants: nowhere,
  restore(o, block) {
    const fields = o as Fields;
    const anew = !hasNames(o, block);
    if (anew)
      for (const key of Object.keys(o))
        if (typeof fields[key] !== 'function' || isName(key, block)) Reflect.deleteProperty(o, key);
    for (let i = 0; i < block.length; i += 2) {
      const key = block[i] as string;
      if (anew || !Object.is(fields[key], block[i + 1])) put(fields, key, block[i + 1]);
    }
  },
};

/** A field that is not there and is called so would be what every record has by that name: its prototype. */
function put(fields: Fields, key: string, value: unknown): void {
  if (key !== '__proto__') fields[key] = value;
  else
    Object.defineProperty(fields, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
}

/** Those fields, in that order: which comes first is state. */
function hasNames(o: object, block: readonly unknown[]): boolean {
  let at = 0;
  for (const key of Object.keys(o)) {
    if (typeof (o as Fields)[key] === 'function') continue;
    if (block[at] !== key) return false;
    at += 2;
  }
  return at === block.length;
}

/** Names stand at even places. */
function isName(key: string, block: readonly unknown[]): boolean {
  for (let i = 0; i < block.length; i += 2) if (block[i] === key) return true;
  return false;
}

export const LIST: Layout = {
  comesAndGoes: false,
  flat: null,
  differs(o, block) {
    const list = o as readonly unknown[];
    if (list.length !== block.length) return true;
    for (let i = 0; i < list.length; i++) if (!alike(list, block, i)) return true;
    return false;
  },
  keep(o, block, keeper, sites) {
    const list = o as readonly unknown[];
    let same = block !== null && block.length === list.length;
    for (let i = 0; i < list.length; i++) {
      const v = list[i];
      if (typeof v === 'object' && v !== null) refers(v, sites, i, keeper);
      if (same && !alike(list, block!, i)) same = false;
    }
    return same ? block! : list.slice();
  },
  meetConstants: nowhere,
  restore(o, block) {
    const list = o as unknown[];
    if (list.length !== block.length) list.length = block.length;
    for (let i = 0; i < block.length; i++) {
      if (alike(list, block, i)) continue; // a list that is frozen cannot be written to
      if (block[i] === undefined && !(i in block)) Reflect.deleteProperty(list, i);
      else list[i] = block[i];
    }
  },
};

/** The same at place `i`, nothing among it. */
function alike(a: readonly unknown[], b: readonly unknown[], i: number): boolean {
  const v = a[i];
  return Object.is(v, b[i]) && (v !== undefined || i in a === i in b);
}

/** Only how long it is: what is written down never changes. */
export const LENGTH: Layout = {
  comesAndGoes: false,
  flat: ['length'],
  differs: (o, block) => (o as readonly unknown[]).length !== block[0],
  keep(o, block) {
    const { length } = o as readonly unknown[];
    return block !== null && block[0] === length ? block : [length];
  },
  meetConstants: nowhere,
  restore(o, block) {
    (o as unknown[]).length = block[0] as number;
  },
};

export const MAP: Layout = {
  comesAndGoes: false,
  flat: null,
  differs(o, block) {
    const map = o as ReadonlyMap<unknown, unknown>;
    if (2 * map.size !== block.length) return true;
    if (block.length === 0) return false;
    let at = 0;
    for (const [key, v] of map) {
      if (block[at] !== key || !Object.is(block[at + 1], v)) return true;
      at += 2;
    }
    return false;
  },
  keep(o, block, keeper, sites) {
    const map = o as ReadonlyMap<unknown, unknown>;
    let same = block !== null && block.length === 2 * map.size;
    let at = 0;
    for (const [key, v] of map) {
      if (typeof key === 'object' && key !== null) refers(key, sites, at, keeper);
      if (typeof v === 'object' && v !== null) refers(v, sites, at + 1, keeper);
      if (same && (block![at] !== key || !Object.is(block![at + 1], v))) same = false;
      at += 2;
    }
    return same ? block! : [...map].flat();
  },
  meetConstants: nowhere,
  restore(o, block) {
    const map = o as Map<unknown, unknown>;
    if (map.size === 0 && block.length === 0) return;
    map.clear();
    for (let i = 0; i < block.length; i += 2) map.set(block[i], block[i + 1]);
  },
};

export const SET: Layout = {
  comesAndGoes: false,
  flat: null,
  differs(o, block) {
    const set = o as ReadonlySet<unknown>;
    if (set.size !== block.length) return true;
    if (block.length === 0) return false;
    let at = 0;
    for (const v of set) if (block[at++] !== v) return true;
    return false;
  },
  keep(o, block, keeper, sites) {
    const set = o as ReadonlySet<unknown>;
    let same = block !== null && block.length === set.size;
    let at = 0;
    for (const v of set) {
      if (typeof v === 'object' && v !== null) refers(v, sites, at, keeper);
      if (same && block![at] !== v) same = false;
      at++;
    }
    return same ? block! : [...set];
  },
  meetConstants: nowhere,
  restore(o, block) {
    const set = o as Set<unknown>;
    if (set.size === 0 && block.length === 0) return;
    set.clear();
    for (const v of block) set.add(v);
  },
};
