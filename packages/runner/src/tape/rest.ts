// The rest of the machine: everything that hangs below a kernel, its statistics, its bytes and its classes too. Both
// processes play the same run, so it is the same in both, or the candidate wrote where no tape tells of it and no search
// looks. A machine is set back to what it was, so whoever kept something there would find it in each state as it was left.
// Some looks walk all of it, and the others take a glance at what the last walk came to, and at whatever is new: at every
// value, whatever is referred to, and the bytes. What a glance passes over is closed in the candidate's process: classes and
// functions are frozen when they are met, and nobody puts a field on an array of numbers, a map or a set.
// What a candidate only reads there is closed to it (closed.ts).
import { types } from 'node:util';
import { SideField, type Kernel } from '@lastref/kernel';
import { Broken } from '../candidates/rules.ts';
import { isShared } from '../candidates/shared.ts';
import { isClosed } from './closed.ts';
import { Bytes, emptySum, mixed, mixedNumber, mixedOther, sumOfText } from './sums.ts';

/** Looks that walk all of it: so many at first, and then one in so many. */
const FIRST = 4;
const EVERY = 128;

type Fields = Readonly<Record<PropertyKey, unknown>>;

/** Objects that have the fields they have, by our doing; some are there for all machines. */
const sealedHere = new WeakSet<object>();

/** What a walk came to. */
interface Met {
  readonly o: object;
  /** Among the sums. */
  readonly group: number;
  /** How a glance looks at it; null: it need not. */
  readonly how: 'object' | 'record' | 'list' | 'map' | 'set' | Bytes | null;
  /** Of an object of a class, which has these fields and no other. */
  readonly kind: Kind | null;
  /** Of an object or a list what it held when it was summed up last, and the sum. */
  held: unknown[];
  sum: number;
}

/** A class of the machine's. */
interface Kind {
  readonly keys: readonly string[];
  /** Does the object hold the same? NaN is never the same. */
  readonly same: (o: object, held: readonly unknown[]) => boolean;
}

export class Rest {
  /** What there are sums of: classes, in the order in which a walk comes to them. */
  readonly names: string[] = [];
  /** Of each of them what the last look gave. */
  readonly sums: number[] = [];
  readonly #k: Kernel;
  /** What stands for the candidate is another thing in each process. */
  readonly #candidate: () => object | null;
  readonly #numbers = new Map<object, number>();
  readonly #groups = new Map<string, number>();
  readonly #met: Met[] = [];
  readonly #todo: object[] = [];
  /** Of arrays of numbers. */
  readonly #bytes = new Map<object, Bytes>();
  readonly #kinds = new Map<object, Kind>();
  readonly #closely: boolean;
  #looks = 0;
  #sum = 0;

  /** `closely`: in the candidate's process, where what may be done with an object is looked at as well. */
  constructor(k: Kernel, candidate: () => object | null, closely = false) {
    this.#k = k;
    this.#candidate = candidate;
    this.#closely = closely;
    if (closely) Object.preventExtensions(k.mem); // to look for a field of so many bytes takes long
  }

  /** Takes it in: a walk or a glance. Throws Broken for what was done to it that no sum shows. */
  look(): void {
    const n = this.#looks++;
    if (n < FIRST || n % EVERY === 0) this.take();
    else this.glance();
  }

  /** Did a look come to it? */
  has(o: object): boolean {
    return this.#numbers.has(o);
  }

  /** Walks all of it. */
  take(): void {
    const k = this.#k;
    this.#begin();
    this.#numbers.clear();
    this.#met.length = 0;
    for (const o of [this.#candidate(), k.design, k.era, k.sideFields])
      if (o !== null) this.#numbers.set(o, 1);
    this.#refer(k);
    this.#walk();
  }

  /** Looks at what is known again, and walks from there on to what is not. */
  glance(): void {
    this.#begin();
    const all = this.#met;
    for (let i = 0, n = all.length; i < n; i++) {
      const one = all[i]!;
      if (one.how === null) continue;
      this.#sum = this.sums[one.group]!;
      this.#again(one);
      this.sums[one.group] = this.#sum;
    }
    this.#walk();
  }

  #begin(): void {
    this.sums.fill(emptySum());
    this.#sum = emptySum();
    this.#todo.length = 0;
  }

  #walk(): void {
    for (let o = this.#todo.pop(); o !== undefined; o = this.#todo.pop()) {
      const group = this.#groupOf(o === this.#k.mem ? 'the memory' : nameOf(o));
      this.#sum = this.sums[group]!;
      this.#met.push(this.#first(o, group));
      this.sums[group] = this.#sum;
    }
  }

  #groupOf(name: string): number {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = this.names.push(name) - 1;
      this.#groups.set(name, group);
      this.sums.push(emptySum());
    }
    return group;
  }

  /** Takes in an object that no look has come to, with whatever is on it, and closes it. */
  #first(o: object, group: number): Met {
    this.#prototype(o);
    const fixed = typeof o === 'function' || isPrototype(o);
    const keys = ArrayBuffer.isView(o) ? this.#fieldless(o) : this.#described(o, fixed);
    const how = fixed ? null : this.#howOf(o);
    const kind = how === 'object' ? this.#kindOf(o, keys) : null;
    const one: Met = { o, group, how, kind, held: [], sum: 0 };
    if (this.#closely && how === null) Object.freeze(o);
    if (this.#closely && how === 'object') sealedHere.add(Object.seal(o));
    if (this.#closely && (how === 'map' || how === 'set'))
      sealedHere.add(Object.preventExtensions(o));
    if (how !== null) this.#again(one);
    return one;
  }

  /** Names of all fields, each of which is as it was made; of what is fixed, their values too. */
  #described(o: object, fixed: boolean): readonly PropertyKey[] {
    const keys = Reflect.ownKeys(o);
    this.#mix(keys.length);
    const closely = this.#closely && !fixed && !isShared(o);
    const sealed = sealedHere.has(o);
    if (closely && !sealed && !Object.isExtensible(o)) changed(`an object (${nameOf(o)})`);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const field = Reflect.getOwnPropertyDescriptor(o, key)!;
      this.#other(typeof key === 'string' ? sumOfText(key) : -6);
      if (!('value' in field)) {
        if (isClosed(field)) continue;
        if (!fixed)
          throw new Broken('', `it made an accessor of ${String(key)} of a ${nameOf(o)}`, 'seam');
      } else if (fixed || typeof key === 'symbol') this.#value(field.value);
      if (closely && !isOpen(field, sealed || (key === 'length' && Array.isArray(o))))
        changed(`the field ${String(key)} of a ${nameOf(o)}`);
    }
    return keys;
  }

  /** An array of numbers has no fields, and gets none from here on. */
  #fieldless(o: ArrayBufferView): readonly PropertyKey[] {
    if (!this.#closely || !Object.isExtensible(o)) return [];
    const { length = 0 } = o as Partial<Uint8Array>;
    if (Reflect.ownKeys(o).length !== length)
      throw new Broken('', `it put a field on a ${nameOf(o)} of the machine`, 'seam');
    Object.preventExtensions(o);
    return [];
  }

  #kindOf(o: object, keys: readonly PropertyKey[]): Kind {
    const prototype = Object.getPrototypeOf(o) as object;
    let kind = this.#kinds.get(prototype);
    if (kind === undefined) {
      const names = keys.filter((key) => typeof key === 'string');
      kind = { keys: names, same: comparing(names) };
      this.#kinds.set(prototype, kind);
    }
    return kind;
  }

  #howOf(o: object): Met['how'] {
    if (ArrayBuffer.isView(o)) {
      const known = this.#bytes.get(o) ?? new Bytes();
      this.#bytes.set(o, known);
      return known;
    }
    if (Array.isArray(o)) return 'list';
    if (types.isMap(o)) return 'map';
    if (types.isSet(o)) return 'set';
    const prototype = Object.getPrototypeOf(o) as object | null;
    return prototype === null || prototype === Object.prototype ? 'record' : 'object';
  }

  #again(one: Met): void {
    const { o, how, kind } = one;
    if (how instanceof Bytes) this.#other(how.sum(o as Uint8Array));
    else if (kind !== null) {
      if (!kind.same(o, one.held))
        this.#hold(
          one,
          kind.keys.map((key) => (o as Fields)[key]),
        );
      this.#mix(one.sum);
    } else if (how === 'list') {
      this.#mustBeOpen(o);
      if (!sameList(o as readonly unknown[], one.held)) this.#hold(one, (o as unknown[]).slice());
      this.#mix(one.sum);
    } else if (how === 'map') this.#all([...(o as ReadonlyMap<unknown, unknown>)].flat());
    else if (how === 'set') this.#all([...(o as ReadonlySet<unknown>)]);
    else this.#record(o as Fields);
  }

  /** It holds something else than before. */
  #hold(one: Met, held: unknown[]): void {
    const before = this.#sum;
    this.#sum = emptySum();
    this.#all(held);
    one.held = held;
    one.sum = this.#sum;
    this.#sum = before;
  }

  #all(list: readonly unknown[]): void {
    this.#mix(list.length);
    for (let i = 0; i < list.length; i++) {
      if (list[i] === undefined && !(i in list)) this.#other(-7);
      else this.#value(list[i]);
    }
  }

  #record(o: Fields): void {
    this.#mustBeOpen(o);
    const keys = Reflect.ownKeys(o);
    this.#mix(keys.length);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      this.#other(typeof key === 'string' ? sumOfText(key) : -6);
      this.#value(o[key]);
    }
  }

  /** A list or a record: it may grow as it did, and a list has nothing beside its places. */
  #mustBeOpen(o: object): void {
    if (!this.#closely) return;
    if (!Object.isExtensible(o) && !isShared(o)) changed(`an object (${nameOf(o)})`);
    if (!Array.isArray(o)) return;
    const last = Reflect.ownKeys(o).at(-1)!; // places stand before it
    if (last !== 'length')
      throw new Broken('', `it put a field on a list of the machine (${String(last)})`, 'seam');
  }

  /** Its class belongs to it, and can be written to as well; those of the language cannot. */
  #prototype(o: object): void {
    const prototype = Object.getPrototypeOf(o) as object | null;
    if (prototype === null || isOfLanguage(prototype)) return;
    this.#refer(prototype);
  }

  #refer(o: object): void {
    let number = this.#numbers.get(o);
    if (number === undefined) {
      number = this.#numbers.size + 2;
      this.#numbers.set(o, number);
      if (!(o instanceof SideField)) this.#todo.push(o);
    }
    this.#other(number);
  }

  #value(v: unknown): void {
    if (typeof v === 'number') this.#sum = mixedNumber(this.#sum, v);
    else if (typeof v === 'boolean') this.#other(v ? -1 : -2);
    else if (typeof v === 'string') this.#other(sumOfText(v));
    else if (v === null || v === undefined) this.#other(v === null ? -3 : -4);
    else if (typeof v === 'object') this.#refer(v);
    else if (typeof v === 'function' && !isOfLanguage(v)) this.#refer(v);
    else this.#other(-5);
  }

  #mix(word: number): void {
    this.#sum = mixed(this.#sum, word);
  }

  /** What is no number. */
  #other(word: number): void {
    this.#sum = mixedOther(this.#sum, word);
  }
}

/** Straight-line code for a class: a loop over names is several times slower. */
function comparing(keys: readonly string[]): Kind['same'] {
  const tests = keys.map((key, i) => {
    const [now, then] = [`o[${JSON.stringify(key)}]`, `held[${i}]`];
    return `${now} === ${then} && (${now} !== 0 || 1 / ${now} === 1 / ${then})`; // 0 with a sign is another one
  });
  const text = `return (o, held) => held.length === ${keys.length} && ${['true', ...tests].join(' && ')};`;
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function(text)() as Kind['same'];
}

function sameList(list: readonly unknown[], held: readonly unknown[]): boolean {
  if (list.length !== held.length) return false;
  for (let i = 0; i < list.length; i++) {
    const v = list[i];
    if (v !== held[i] || (v === 0 && 1 / v !== 1 / (held[i] as number))) return false;
    if (v === undefined && i in list !== i in held) return false;
  }
  return true;
}

/** May everything be done with it that may be done with a field? Of one that stays it may be written. */
function isOpen(field: PropertyDescriptor, stays: boolean): boolean {
  if (stays) return field.writable === true;
  return !('value' in field) || (field.writable === true && field.configurable === true);
}

function changed(what: string): never {
  throw new Broken('', `it changed what may be done with ${what} of the machine`, 'seam');
}

function isPrototype(o: object): boolean {
  const { constructor } = o as Fields;
  return typeof constructor === 'function' && constructor.prototype === o;
}

const ofLanguage = new WeakMap<object, boolean>();

/** A function of the language, or a prototype of one. */
function isOfLanguage(o: object): boolean {
  let known = ofLanguage.get(o);
  if (known === undefined) {
    const made: unknown = typeof o === 'function' ? o : (o as Fields)['constructor'];
    const text = typeof made === 'function' ? Function.prototype.toString.call(made) : '';
    known = Object.getPrototypeOf(o) === null || /\[native code\]\s*\}$/.test(text);
    ofLanguage.set(o, known);
  }
  return known;
}

function nameOf(o: object): string {
  if (typeof o === 'function') return 'a class or function';
  const { constructor } = o as Fields;
  return typeof constructor === 'function' ? constructor.name : 'Object';
}
