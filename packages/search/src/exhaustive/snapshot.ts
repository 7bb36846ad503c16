// One moment of a machine, to come back to. Every object that can be reached from the roots is written down with all
// its fields but those that its class declares constant; coming back writes them into the same objects. State that no
// field holds (a closure's variable, a #private field of somebody's design) is out of reach: whoever uses a snapshot has
// to check that nothing was.
import { declaredOf } from '@lastref/kernel';

type Restore = (o: object, values: readonly unknown[], at: number) => void;

interface Layout {
  readonly keys: readonly string[];
  readonly restore: Restore;
}

export class Snapshot {
  private readonly objects: object[] = [];
  private readonly restores: Restore[] = [];
  private readonly at: number[] = [];
  private readonly values: unknown[] = [];
  private readonly lists: { readonly list: unknown[]; readonly copy: readonly unknown[] }[] = [];
  private readonly arrays: { readonly array: Uint8Array; readonly copy: Uint8Array }[] = [];
  private readonly maps: {
    readonly map: Map<unknown, unknown>;
    readonly copy: readonly (readonly [unknown, unknown])[];
  }[] = [];
  private readonly sets: { readonly set: Set<unknown>; readonly copy: readonly unknown[] }[] = [];
  /** Objects of no declared class: a field that they gain is taken away again. */
  private readonly loose: { readonly o: object; readonly keys: readonly string[] }[] = [];
  private readonly layouts = new Map<object | null, Map<string, Layout>>();

  /** `leave`: objects that never change, with all that only they reach. */
  constructor(roots: readonly object[], leave: ReadonlySet<object>) {
    const seen = new Set<object>(leave);
    const todo: object[] = [];
    const meet = (v: unknown): void => {
      if (typeof v !== 'object' || v === null || seen.has(v)) return;
      seen.add(v);
      todo.push(v);
    };
    roots.forEach(meet);
    for (let o = todo.pop(); o !== undefined; o = todo.pop()) this.keep(o, meet);
  }

  private keep(o: object, meet: (v: unknown) => void): void {
    if (Array.isArray(o)) {
      this.lists.push({ list: o, copy: o.slice() });
      o.forEach(meet);
    } else if (ArrayBuffer.isView(o)) {
      const array = new Uint8Array(o.buffer, o.byteOffset, o.byteLength);
      this.arrays.push({ array, copy: array.slice() });
    } else if (o instanceof Map) {
      this.maps.push({ map: o, copy: [...o] });
      for (const [key, value] of o) {
        meet(key);
        meet(value);
      }
    } else if (o instanceof Set) {
      this.sets.push({ set: o, copy: [...o] });
      for (const value of o) meet(value);
    } else {
      this.keepFields(o, meet);
    }
  }

  private keepFields(o: object, meet: (v: unknown) => void): void {
    const { keys, restore } = this.layoutOf(o);
    this.objects.push(o);
    this.restores.push(restore);
    this.at.push(this.values.length);
    for (const key of keys) {
      const value = (o as Record<string, unknown>)[key];
      this.values.push(value);
      meet(value);
    }
  }

  private layoutOf(o: object): Layout {
    const kind = Object.getPrototypeOf(o) as object | null;
    const declared = kind === null ? null : declaredOf(kind.constructor);
    if (declared === null) this.loose.push({ o, keys: Object.keys(o) });
    const keys = Object.keys(o).filter((key) => typeof Reflect.get(o, key) !== 'function');
    let layouts = this.layouts.get(kind);
    if (layouts === undefined) this.layouts.set(kind, (layouts = new Map<string, Layout>()));
    const id = keys.join();
    let layout = layouts.get(id);
    if (layout === undefined) {
      // Straight-line code for each kind of object: a loop over names is ten times slower.
      const body = keys.map((key, i) =>
        declared?.fields.get(key) === 'constant'
          ? ''
          : `o[${JSON.stringify(key)}] = values[at + ${i}];`,
      );
      // oxlint-disable-next-line typescript/no-implied-eval
      layout = { keys, restore: new Function('o', 'values', 'at', body.join('')) as Restore };
      layouts.set(id, layout);
    }
    return layout;
  }

  /** Everything is as it was. Objects made since are forgotten. */
  restore(): void {
    const { objects, restores, at, values, lists } = this;
    for (let i = 0; i < objects.length; i++) restores[i]!(objects[i]!, values, at[i]!);
    for (let i = 0; i < lists.length; i++) {
      const { list, copy } = lists[i]!;
      list.length = copy.length;
      for (let j = 0; j < copy.length; j++) list[j] = copy[j];
    }
    for (const { o, keys } of this.loose) {
      const now = Object.keys(o);
      if (now.length === keys.length) continue;
      for (const key of now) if (!keys.includes(key)) Reflect.deleteProperty(o, key);
    }
    for (const { array, copy } of this.arrays) array.set(copy);
    for (const { map, copy } of this.maps) {
      map.clear();
      for (const [key, value] of copy) map.set(key, value);
    }
    for (const { set, copy } of this.sets) {
      set.clear();
      for (const value of copy) set.add(value);
    }
  }
}
