// Which layout an object has (layout.ts): that of its class, or of its kind of collection.
import { FlowShadow, Lent, LoanRecord } from '@lastref/judge';
import { Page, SkbSharedInfo, SkBuff, Slab, declaredOf } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import { LENGTH, LIST, MAP, RECORD, SET } from './collections.ts';
import { FIELDS, LIVES, PAGE, SHADOWS, SHINFO, SKB, compiled, numbersLayout } from './compiled.ts';
import type { Frames } from './frames.ts';
import { DEAD, nowhere, type Layout } from './layout.ts';
import { SLAB } from './slab-layout.ts';

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
