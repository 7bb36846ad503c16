// How what an object holds is written down and put back: straight-line code for each class, from what the class
// declares. A block is a list of values; objects that hold the same as before give the block that they had before.
import { FlowShadow, Lent, LoanRecord } from '@lastref/judge';
import { Page, SkbSharedInfo, SkBuff, Slab, declaredOf, type SlabObject } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import type { Frames } from './frames.ts';

export type Block = readonly unknown[];

/** An object that was met, with the block that it held at the last moment that was kept or come back to. */
export interface Known {
  readonly o: object;
  readonly layout: Layout;
  /** By field: what it referred to the last time. */
  readonly sites: (Known | undefined)[];
  block: Block | null;
  /** Number of the last look that met it. */
  look: number;
}

/** Who wants to know of every object that another one refers to. */
export interface Keeper {
  /** Number of the look that is going on. */
  readonly look: number;
  known(o: object): Known;
  meet(one: Known): void;
}

/** The `nth` field of an object refers to `o`. */
function refers(o: object, sites: (Known | undefined)[], nth: number, keeper: Keeper): void {
  let one = sites[nth];
  if (one === undefined || one.o !== o) one = sites[nth] = keeper.known(o);
  if (one.look < keeper.look) keeper.meet(one);
}

export interface Layout {
  /** It is a slab's: what stands in it while nobody has it does not matter. */
  readonly comesAndGoes: boolean;
  /** The fields that a block has, in order, if nothing else makes it another block; null: ask `differs`. */
  readonly flat: readonly string[] | null;
  /** Does `o` hold something else than `block`? */
  differs(o: object, block: Block): boolean;
  /** What `o` holds now: `before` if it is that. Tells `keeper` of what can be reached by fields that change. */
  keep(o: object, before: Block | null, keeper: Keeper, sites: (Known | undefined)[]): Block;
  /** Tells `keeper` of what can be reached by fields that never change. */
  meetConstants(o: object, keeper: Keeper): void;
  restore(o: object, block: Block): void;
}

/** Of an object that nobody has. */
const DEAD: Block = [];

const nowhere = (): void => undefined;

export class Layouts {
  /** Of what is not looked into. */
  readonly nothing: Layout = {
    comesAndGoes: false,
    flat: [],
    differs: () => false,
    keep: () => DEAD,
    meetConstants: nowhere,
    restore: nowhere,
  };
  /** The cell and its judge: they hold the parts that they were made of. */
  private readonly whole: Layout;
  private readonly cell: Cell;
  private readonly frames: Frames;
  private readonly byClass = new Map<object | null, Layout>();
  /** Classes whose objects have the same fields for life, though they declare nothing. */
  private readonly plain: ReadonlySet<object | null>;

  constructor(cell: Cell, frames: Frames) {
    this.cell = cell;
    this.frames = frames;
    this.plain = classesOfWatchers(cell);
    const { judge, k, recorder, faults } = cell;
    const { evidence } = judge;
    const watches = Reflect.get(judge, 'watches') as readonly object[];
    this.whole = {
      ...this.nothing,
      meetConstants(_, keeper) {
        for (const o of [judge, k, recorder, faults, evidence, ...watches])
          keeper.meet(keeper.known(o));
      },
    };
  }

  of(o: object): Layout {
    const { judge, recorder } = this.cell;
    const { ranges, walk } = judge.evidence;
    // the bytes go with their owner; stamps are for looks that do not walk everywhere
    if (o === ranges.memory.bytes || o === Reflect.get(walk, 'stamps')) return this.nothing;
    // a search knows better what was taken, and wants no more of it than how much it was
    if (o === Reflect.get(recorder, 'taken')) return LENGTH;
    if (o === this.cell || o === judge) return this.whole;
    if (Array.isArray(o)) return LIST;
    if (ArrayBuffer.isView(o)) return numbersLayout(o);
    if (o instanceof Map) return MAP;
    if (o instanceof Set) return SET;
    const kind = Object.getPrototypeOf(o) as object | null;
    const known = this.byClass.get(kind);
    if (known !== undefined) return known;
    const layout = this.ofClass(o, kind);
    this.byClass.set(kind, layout);
    return layout;
  }

  private ofClass(o: object, kind: object | null): Layout {
    if (o instanceof Slab) return SLAB;
    const declared = kind === null ? null : declaredOf(kind.constructor);
    if (declared !== null && declared.own) {
      const fields = [...declared.fields];
      const changing = fields.filter(([, is]) => is !== 'constant').map(([name]) => name);
      const constant = fields.filter(([, is]) => is === 'constant').map(([name]) => name);
      const { frames } = this;
      if (o === this.cell.k)
        return compiled(
          changing.filter((f) => f !== 'mem'),
          constant,
          FIELDS,
          frames,
        );
      if (o instanceof Page) return compiled(changing, constant, PAGE, frames);
      if (o instanceof SkbSharedInfo)
        return compiled(
          changing.filter((f) => f !== 'frags'),
          constant,
          SHINFO,
          frames,
        );
      if (o instanceof SkBuff) return compiled(changing, constant, SKB, frames);
      return compiled(changing, constant, declared.lives ? LIVES : FIELDS, frames);
    }
    if (this.plain.has(kind)) {
      const { memory } = this.cell.judge.evidence.ranges;
      const fields = Object.keys(o).filter((key) => typeof Reflect.get(o, key) !== 'function');
      if (o === memory)
        return compiled(
          fields.filter((f) => f !== 'bytes'),
          [],
          SHADOWS,
          this.frames,
        );
      return compiled(fields, [], FIELDS, this.frames);
    }
    return RECORD;
  }
}

/** Undeclared classes that the judge and the cell are made of: their fields are all set when they are made. */
function classesOfWatchers(cell: Cell): ReadonlySet<object | null> {
  const found = new Set<object | null>(
    [Lent, FlowShadow, LoanRecord].map((kind) => kind.prototype as object),
  );
  const todo: object[] = [cell];
  const seen = new Set<object>([cell, ...Object.values(cell.input)]);
  for (let o = todo.pop(); o !== undefined; o = todo.pop()) {
    const kind = Object.getPrototypeOf(o) as object;
    const holds = Array.isArray(o) || o instanceof Map || o instanceof Set;
    if (!holds && (ArrayBuffer.isView(o) || declaredOf(kind.constructor) !== null)) continue;
    if (!holds && kind !== Object.prototype) found.add(kind);
    const parts = o instanceof Map ? [...o].flat() : o instanceof Set ? [...o] : Object.values(o);
    for (const part of parts) {
      if (typeof part !== 'object' || part === null || seen.has(part as object)) continue;
      seen.add(part as object);
      todo.push(part as object);
    }
  }
  return found;
}

/** What a class has beside its fields: a test before it is looked at, something more to keep, and to put back. */
interface More {
  readonly lives: boolean;
  /** Nothing that stands in it counts while nobody has it. */
  readonly dies: boolean;
  readonly keep: string;
  readonly meet: string;
  readonly restore: string;
}

const FIELDS: More = { lives: false, dies: false, keep: '', meet: '', restore: '' };
const LIVES: More = { ...FIELDS, lives: true, dies: true };
/** The first of a pair that was freed still counts for the other one. @kernel net/core/skbuff.c kfree_skbmem */
const SKB: More = { ...FIELDS, lives: true };
const PAGE: More = {
  ...LIVES,
  keep: 'frames.keepPage(o, before)',
  restore: 'frames.restorePage(o, more);',
};
/** The entries behind the last one keep what an earlier life left there. */
const SHINFO: More = {
  ...LIVES,
  keep: 'frames.keepHead(o, before)',
  meet: 'for (let i = 0; i < o.nrFrags; i++) keeper.meet(keeper.known(o.frags[i]));',
  restore: 'frames.restoreHead(o, more);',
};
const SHADOWS: More = {
  ...FIELDS,
  keep: 'frames.keepShadows(o, before)',
  restore: 'frames.restoreShadows(o, more);',
};

/** Below a field that never changes a record is a setting, and a list of texts says how something is called. */
function below(v: unknown, keeper: Keeper): void {
  if (typeof v !== 'object' || v === null) return;
  if (Object.getPrototypeOf(v) === Object.prototype) return;
  if (Array.isArray(v) && v.length > 0 && v.every((one) => typeof one === 'string')) return;
  keeper.meet(keeper.known(v));
}

/** A loop over names is ten times slower. */
function compiled(
  changing: readonly string[],
  constant: readonly string[],
  more: More,
  frames: Frames,
): Layout {
  const fields = changing.map((name) => `o[${JSON.stringify(name)}]`);
  const n = fields.length;
  const each = (line: (field: string, i: number) => string): string => fields.map(line).join('\n');
  const values = [...fields.map((_, i) => `v${i}`), ...(more.keep === '' ? [] : ['more'])];
  const same = values.map((v, i) => ` && block[${i}] === ${v}`).join('');
  const meet = (v: string, nth: number): string =>
    `if (typeof ${v} === 'object' && ${v} !== null) {
      let one = sites[${nth}];
      if (one === undefined || one.o !== ${v}) one = sites[${nth}] = keeper.known(${v});
      if (one.look < look) keeper.meet(one);
    }`;
  const text = `return {
    comesAndGoes: ${more.lives},
    flat: names,
    differs: () => false,
    keep(o, block, keeper, sites) {
      const { look } = keeper;
      ${more.dies ? 'if (!o.live) return DEAD;' : ''}
      const old = block !== null && block !== DEAD;
      ${each((field, i) => `const v${i} = ${field}; ${meet(`v${i}`, i)}`)}
      ${more.keep === '' ? '' : `const before = old ? block[${n}] : null; const more = ${more.keep};`}
      ${more.meet}
      if (old${same}) return block;
      return [${values.join(', ')}];
    },
    meetConstants(o, keeper) {
      ${constant.map((name) => `below(o[${JSON.stringify(name)}], keeper);`).join('\n')}
    },
    restore(o, block) {
      ${more.dies ? 'if (block === DEAD) { o.live = false; return; }' : ''}
      ${each((field, i) => `${field} = block[${i}];`)}
      ${more.restore === '' ? '' : `const more = block[${n}]; ${more.restore}`}
    },
  };`;
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('names', 'DEAD', 'frames', 'below', text)(
    changing,
    DEAD,
    frames,
    below,
  ) as Layout;
}

type Fields = Record<string, unknown>;

/** A record, or an object of a design's class: it may gain fields, which are taken away again. */
const RECORD: Layout = {
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
      if (anew || !Object.is(fields[key], block[i + 1])) fields[key] = block[i + 1];
    }
  },
};

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

const LIST: Layout = {
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
const LENGTH: Layout = {
  comesAndGoes: false,
  flat: ['length'],
  differs: () => false,
  keep(o, block) {
    const { length } = o as readonly unknown[];
    return block !== null && block[0] === length ? block : [length];
  },
  meetConstants: nowhere,
  restore(o, block) {
    (o as unknown[]).length = block[0] as number;
  },
};

const byNumbers = new Map<unknown, Layout>();

/** One for each kind of array: code that sees several is slow. */
function numbersLayout({ constructor }: object): Layout {
  let layout = byNumbers.get(constructor);
  if (layout === undefined) {
    const differ = constructor.name.startsWith('Float')
      ? '!Object.is(block[i], o[i])' // 0 with a sign among them
      : 'block[i] !== o[i]';
    const text = `return {
      comesAndGoes: false,
      flat: null,
      differs(o, block) {
        for (let i = 0; i < o.length; i++) if (${differ}) return true;
        return false;
      },
      keep(o, block) {
        let same = block !== null;
        for (let i = 0; same && i < o.length; i++) if (${differ}) same = false;
        return same ? block : Array.from(o);
      },
      meetConstants() {},
      restore(o, block) {
        for (let i = 0; i < block.length; i++) o[i] = block[i];
      },
    };`;
    // oxlint-disable-next-line typescript/no-implied-eval
    layout = new Function(text)() as Layout;
    byNumbers.set(constructor, layout);
  }
  return layout;
}

const MAP: Layout = {
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

const SET: Layout = {
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

/** Of each object that nobody has: itself, which life of it comes next, and the same of the other half of a pair. */
const PER_FREE = 3;

/**
 * How many objects it had made, and which of them nobody has. Those that it made since are at the bottom of the free
 * list, as if they were still to be made.
 */
const SLAB: Layout = {
  comesAndGoes: false,
  flat: null,
  differs(o, block) {
    const slab = o as Slab<SlabObject>;
    const free = freeOf(slab);
    const made = block[0] as number;
    const since = slab.all.length - made;
    if (1 + PER_FREE * (free.length - since) !== block.length) return true;
    for (let i = 0; i < since; i++) if (free[i] !== slab.all[made + i]) return true;
    for (let i = since, at = 1; i < free.length; i++, at += PER_FREE) {
      const one = free[i]!;
      if (block[at] !== one || block[at + 1] !== one.gen) return true;
      if (block[at + 2] !== pairGen(one)) return true;
    }
    return false;
  },
  keep(o, block) {
    if (block !== null && !SLAB.differs(o, block)) return block;
    const slab = o as Slab<SlabObject>;
    const now: unknown[] = [slab.all.length];
    for (const one of freeOf(slab)) now.push(one, one.gen, pairGen(one));
    return now;
  },
  meetConstants: nowhere,
  restore(o, block) {
    const slab = o as Slab<SlabObject>;
    const free = freeOf(slab);
    const made = block[0] as number;
    const since = slab.all.length - made;
    free.length = since + (block.length - 1) / PER_FREE;
    for (let i = 0; i < since; i++) letGo((free[i] = slab.all[made + i]!));
    for (let i = since, at = 1; i < free.length; i++, at += PER_FREE) {
      const one = block[at] as SlabObject;
      free[i] = one;
      letGo(one);
      one.gen = block[at + 1] as number;
      if (one instanceof SkBuff && one.pair !== null) one.pair.gen = block[at + 2] as number;
    }
  },
};

function freeOf(slab: Slab<SlabObject>): SlabObject[] {
  return Reflect.get(slab, 'freeList') as SlabObject[];
}

function pairGen(one: SlabObject): number {
  return one instanceof SkBuff && one.pair !== null ? one.pair.gen : 0;
}

function letGo(one: SlabObject): void {
  one.live = false;
  if (one instanceof SkBuff && one.pair !== null) one.pair.live = false;
}
