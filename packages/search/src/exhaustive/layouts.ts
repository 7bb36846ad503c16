// Which layout an object has (layout.ts): that of its class, or of its kind of collection.
import { FlowShadow, Lent, LoanRecord } from '@lastref/judge';
import { Kernel, Page, SkbSharedInfo, SkBuff, Slab, declaredOf } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import { LENGTH, LIST, MAP, RECORD, SET } from './collections.ts';
import { FIELDS, LIVES, PAGE, SHADOWS, SHINFO, SKB, compiled, numbersLayout } from './compiled.ts';
import { DEAD, nowhere, type Layout } from './layout.ts';
import { SLAB } from './slab-layout.ts';

/** Of what is not looked into. */
export const NOTHING: Layout = {
  comesAndGoes: false,
  flat: [],
  differs: () => false,
  keep: () => DEAD,
  meetConstants: nowhere,
  restore: nowhere,
};

/** By class, of every machine there ever was. */
const byClass = new WeakMap<object, Layout>();

export class Layouts {
  /** The cell and its judge: they hold the parts that they were made of. */
  private readonly whole: Layout;
  private readonly cell: Cell;
  private readonly stamps: unknown;
  private readonly taken: unknown;

  constructor(cell: Cell) {
    this.cell = cell;
    const { judge, k, recorder, faults } = cell;
    const { evidence } = judge;
    this.stamps = Reflect.get(evidence.walk, 'stamps');
    this.taken = Reflect.get(recorder, 'taken');
    const watches = Reflect.get(judge, 'watches') as readonly object[];
    this.whole = {
      ...NOTHING,
      meetConstants(_, keeper) {
        for (const o of [judge, k, recorder, faults, evidence, ...watches])
          keeper.meet(keeper.known(o));
      },
    };
  }

  of(o: object): Layout {
    const { cell } = this;
    // the bytes go with their owner; stamps are for looks that do not walk everywhere
    if (o === cell.judge.evidence.ranges.memory.bytes || o === this.stamps) return NOTHING;
    // a search knows better what was taken, and wants no more of it than how much it was
    if (o === this.taken) return LENGTH;
    if (o === cell || o === cell.judge) return this.whole;
    if (Array.isArray(o)) return LIST;
    if (ArrayBuffer.isView(o)) return numbersLayout(o);
    if (o instanceof Map) return MAP;
    if (o instanceof Set) return SET;
    const kind = Object.getPrototypeOf(o) as object | null;
    if (kind === null) return RECORD;
    const known = byClass.get(kind);
    if (known !== undefined) return known;
    const layout = this.ofClass(o, kind);
    byClass.set(kind, layout);
    return layout;
  }

  private ofClass(o: object, kind: object): Layout {
    if (o instanceof Slab) return SLAB;
    const declared = declaredOf(kind.constructor);
    if (declared !== null && declared.own) {
      const fields = [...declared.fields];
      const changing = fields.filter(([, is]) => is !== 'constant').map(([name]) => name);
      const constant = fields.filter(([, is]) => is === 'constant').map(([name]) => name);
      if (o instanceof Kernel) return compiled(without(changing, 'mem'), constant, FIELDS);
      if (o instanceof Page) return compiled(changing, constant, PAGE);
      if (o instanceof SkbSharedInfo) return compiled(without(changing, 'frags'), constant, SHINFO);
      if (o instanceof SkBuff) return compiled(changing, constant, SKB);
      return compiled(changing, constant, declared.lives ? LIVES : FIELDS);
    }
    if (!isOfWatchers(this.cell, kind)) return RECORD;
    const fields = Object.keys(o).filter((key) => typeof Reflect.get(o, key) !== 'function');
    if (o === this.cell.judge.evidence.ranges.memory)
      return compiled(without(fields, 'bytes'), [], SHADOWS);
    return compiled(fields, [], FIELDS);
  }
}

function without(fields: readonly string[], name: string): string[] {
  return fields.filter((field) => field !== name);
}

/**
 * Is it an undeclared class that the judge and the cell are made of? Their fields are all set when they are made, and the same
 * for life.
 */
function isOfWatchers(cell: Cell, kind: object): boolean {
  return classesOfWatchers(cell).has(kind);
}

function classesOfWatchers(cell: Cell): ReadonlySet<object> {
  const found = new Set<object>(
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
