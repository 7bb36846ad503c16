// Objects of the machine whose fields are accessors: what stands behind one nobody else comes at.
import { closed, reading } from '../candidates/reading.ts';

/** As they were before any candidate was there (compartment.ts). */
const { create, defineProperties, freeze, getOwnPropertyDescriptors, preventExtensions } = Object;

/** What a candidate is given that reads a field: throws Broken, or the value in its place. */
export type Shown = (value: unknown, o: object, name: string) => unknown;

/** How a candidate comes at a field. */
export interface Access {
  readonly name: string;
  /** null: as it stands. */
  readonly shown: Shown | null;
  /** It writes `value` where `was` stands. Throws Broken, where it may not. */
  readonly writes: (value: unknown, o: object, was: unknown) => void;
}

/** Accessors that stand in objects of the machine by our doing. */
const ours = new WeakSet<object>();

/** Is it the field of an object whose value stands behind our accessor? */
export function isClosed(field: PropertyDescriptor): boolean {
  const get: unknown = Reflect.get(field, 'get');
  return typeof get === 'function' && ours.has(get) && field.configurable === false;
}

/** Makes objects of a class anew. */
export interface Remake {
  /** Another one, behind whose fields `o` stands. */
  readonly remake: (o: object) => object;
  /** Behind the fields of `made`, which is no longer in use, `o` stands from here on. */
  readonly again: (made: object, o: object) => void;
}

/**
 * Makes objects of a class anew, with the same fields in the same order: to change a field of one that is there would make it a
 * slow one. The code is written once for each class. What the machine made stands behind, in one private field: with one
 * for each of its fields a packet is a slow object, too, of which a field takes 60 ns.
 */
export function remaking(prototype: object, all: readonly Access[]): Remake {
  const text = `
    class Stamp { constructor(o) { return o; } }
    return class Behind extends Stamp {
      #o;
      static accessors = { ${all.map((access, i) => accessorOf(access, i)).join('\n')} };
      static remake(from) {
        const o = create(prototype);
        new Behind(o);
        o.#o = from;
        return close(o);
      }
      static again(made, o) { made.#o = o; }
      static has(o) { return #o in o; }
    };`;
  let own: PropertyDescriptorMap = {};
  const close = (o: object): object => preventExtensions(defineProperties(o, own));
  // oxlint-disable-next-line typescript/no-implied-eval
  const made = new Function('reading', 'all', 'create', 'prototype', 'close', text)(
    reading,
    all,
    create,
    prototype,
    close,
  ) as {
    readonly accessors: object;
    readonly has: (o: object) => boolean;
  } & Remake;
  const described: PropertyDescriptorMap = getOwnPropertyDescriptors(made.accessors);
  own = Object.fromEntries(
    Object.entries(described).map(([name, accessor]) => [name, fixed(accessor)]),
  );
  closed.stamped.set(prototype, made.has);
  return { remake: made.remake, again: made.again };
}

/** Our own code reads straight on where a candidate reads the same. */
function accessorOf({ name, shown }: Access, i: number): string {
  const read =
    shown === null
      ? `this.#o.${name}`
      : `reading.byCandidate ? all[${i}].shown(this.#o.${name}, this, "${name}") : this.#o.${name}`;
  return `get ${name}() { return ${read}; },
    set ${name}(v) { if (reading.byCandidate) all[${i}].writes(v, this, this.#o.${name}); this.#o.${name} = v; },`;
}

/** Functions of accessors are found by whoever asks what kind of field one is: nobody keeps anything on those of `o`. */
export function freezeAccessors(o: object): void {
  for (const field of Object.values<PropertyDescriptor>(getOwnPropertyDescriptors(o)))
    freezeBoth(field);
}

function freezeBoth(field: PropertyDescriptor): void {
  for (const name of ['get', 'set']) freeze(Reflect.get(field, name));
}

function fixed(accessor: PropertyDescriptor): PropertyDescriptor {
  ours.add(Reflect.get(accessor, 'get') as object);
  freezeBoth(accessor);
  return { ...accessor, enumerable: true, configurable: false };
}

/** Makes the fields of an object that is there accessors: what all machines share, or what no slab made. */
export function closeInPlace(o: object, accessTo: (name: string) => Access): void {
  closed.others.add(o);
  for (const [name, first] of Object.entries(o) as [string, unknown][]) {
    const { shown, writes } = accessTo(name);
    let value = first;
    const get = (): unknown =>
      shown !== null && reading.byCandidate ? shown(value, o, name) : value;
    const set = (v: unknown): void => {
      if (reading.byCandidate) writes(v, o, value);
      value = v;
    };
    defineProperties(o, { [name]: fixed({ get, set }) });
  }
  preventExtensions(o);
}
