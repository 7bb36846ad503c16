// The rest of the machine: everything that hangs below a kernel, its statistics, its bytes and its classes too. Both
// processes play the same run, so it is the same in both, or the candidate wrote where no tape tells of it and no search
// looks. A machine is set back to what it was, so whoever kept something there would find it in each state as it was left.
//
// A candidate is given packets, shared infos, entries, pages and loans, which lead to nothing else, and every field of these is
// an accessor that lets through what goes on the tape (closed.ts). So this is a second door behind that one: a glance takes all in
// as the last walk found it, with whatever is new, every value and reference and the bytes; a walk besides what may be done
// with it. Which looks are glances nobody knows without the key. What a glance passes over is closed in the candidate's process:
// classes and functions are frozen when they are met, and nobody puts a field on an array of numbers, a map or a set.
import { types } from 'node:util';
import { SideField, type Kernel } from '@lastref/kernel';
import { closed } from '../candidates/reading.ts';
import { Broken } from '../candidates/rules.ts';
import { isShared } from '../candidates/shared.ts';
import { isOfLanguage, isPrototype, nameOf, type Fields } from './classes.ts';
import { isClosed } from './accessors.ts';
import { GIVEN, isKind, kindOf, sameList, type Kind, type Met } from './met.ts';
import { Bytes, emptySum, mixed, mixedNumber, mixedOther, sumOfText } from './sums.ts';

/** Of the times at which states are told apart the first is a look (what it closes nobody has seen open), and one in so many. */
const ONE_IN = 256;
/** Of a machine's looks the first walks all of it, and then one in so many. */
const WALKS = 16;

/** Objects that have the fields they have, by our doing; some are there for all machines. */
const sealedHere = new WeakSet<object>();

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
  /** What is no object of a class. */
  readonly #met: Met[] = [];
  readonly #todo: object[] = [];
  /** Of arrays of numbers. */
  readonly #bytes = new Map<object, Bytes>();
  readonly #kinds = new Map<object, Kind>();
  readonly #hold = (one: Met): void => this.#holdFields(one);
  readonly #closely: boolean;
  /** Each machine has other times. */
  readonly #salt: number;
  #times = 0;
  #looks = 0;
  #sum = 0;

  /** Of the machine with this number. `closely`: in the candidate's process, where what may be done with an object is looked at as well. */
  constructor(k: Kernel, machine: number, candidate: () => object | null, closely = false) {
    this.#k = k;
    this.#salt = mixed(emptySum(), machine);
    this.#candidate = candidate;
    this.#closely = closely;
    if (closely) Object.preventExtensions(k.mem); // to look for a field of so many bytes takes long
  }

  /** Looks, if this is one of the times; did it? Throws Broken for what was done to it that no sum shows. */
  look(): boolean {
    const n = this.#times++;
    if (n > 0 && mixed(this.#salt, n) >>> 0 >= 2 ** 32 / ONE_IN) return false;
    if (this.#looks++ % WALKS === 0) this.take();
    else this.glance();
    return true;
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
    for (const { all } of this.#kinds.values()) all.length = 0;
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
    for (const { group, all, sum } of this.#kinds.values())
      this.sums[group] = sum(all, this.sums[group]!, this.#hold);
    this.#walk();
  }

  #begin(): void {
    this.sums.fill(emptySum());
    this.#sum = emptySum();
    this.#todo.length = 0;
  }

  #walk(): void {
    for (let o = this.#todo.pop(); o !== undefined; o = this.#todo.pop()) {
      const group = this.#groupOf(this.#nameOf(o));
      this.#sum = this.sums[group]!;
      this.#first(o, group);
      this.sums[group] = this.#sum;
    }
  }

  #nameOf(o: object): string {
    if (o === this.#k.mem) return 'the memory';
    return (
      (isPrototype(o) ? undefined : GIVEN.get(Object.getPrototypeOf(o) as object)) ?? nameOf(o)
    );
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
  #first(o: object, group: number): void {
    this.#prototype(o);
    const fixed = typeof o === 'function' || isPrototype(o);
    const keys = ArrayBuffer.isView(o) ? this.#fieldless(o) : this.#described(o, fixed);
    const how = fixed ? null : this.#howOf(o, group, keys);
    const one: Met = { o, group, how, held: null, sum: 0 };
    if (this.#closely) closeOff(o, how);
    if (isKind(how)) {
      how.all.push(one);
      this.#holdFields(one);
      this.#mix(one.sum);
    } else {
      this.#met.push(one);
      if (how !== null) this.#again(one);
    }
  }

  /** Names of all fields, each of which is as it was made; of what is fixed, their values too. */
  #described(o: object, fixed: boolean): readonly PropertyKey[] {
    const keys = Reflect.ownKeys(o);
    this.#mix(keys.length);
    const closely = this.#closely && !fixed && !isShared(o);
    const sealed = sealedHere.has(o) || closed.has(o);
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

  #kindOf(prototype: object, group: number, keys: readonly PropertyKey[]): Kind {
    let kind = this.#kinds.get(prototype);
    if (kind === undefined) {
      this.#kinds.set(prototype, (kind = kindOf(group, keys)));
    }
    return kind;
  }

  #howOf(o: object, group: number, keys: readonly PropertyKey[]): Met['how'] {
    if (ArrayBuffer.isView(o)) {
      const known = this.#bytes.get(o) ?? new Bytes();
      this.#bytes.set(o, known);
      return known;
    }
    if (Array.isArray(o)) return 'list';
    if (types.isMap(o)) return 'map';
    if (types.isSet(o)) return 'set';
    const prototype = Object.getPrototypeOf(o) as object | null;
    const record = prototype === null || prototype === Object.prototype;
    return record ? 'record' : this.#kindOf(prototype, group, keys);
  }

  /** What is no object of a class. */
  #again(one: Met): void {
    const { o, how, held } = one;
    if (how instanceof Bytes) this.#other(how.sum(o as Uint8Array));
    else if (how === 'list') {
      this.#mustBeOpen(o);
      const list = o as readonly unknown[];
      if (held === null || !sameList(list, held)) this.#holdList(one, list);
      this.#mix(one.sum);
    } else if (how === 'map') this.#all([...(o as ReadonlyMap<unknown, unknown>)].flat());
    else if (how === 'set') this.#all([...(o as ReadonlySet<unknown>)]);
    else this.#record(o as Fields);
  }

  #holdFields(one: Met): void {
    const { keys } = one.how as Kind;
    const o = one.o as Fields;
    const held = (one.held ??= []);
    for (let i = 0; i < keys.length; i++) held[i] = o[keys[i]!];
    this.#summed(one, held);
  }

  #holdList(one: Met, list: readonly unknown[]): void {
    one.held = list.slice();
    this.#summed(one, one.held);
  }

  /** It holds something else than before. */
  #summed(one: Met, held: unknown[]): void {
    const before = this.#sum;
    this.#sum = emptySum();
    this.#all(held);
    one.sum = this.#sum;
    this.#sum = before;
    for (let i = 0; i < held.length; i++) if (Object.is(held[i], -0)) held[i] = NaN; // which is never the same
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

/** In the candidate's process: a glance passes over what may be done with it. */
function closeOff(o: object, how: Met['how']): void {
  if (how === null) Object.freeze(o);
  else if (isKind(how)) sealedHere.add(Object.seal(o));
  else if (how === 'map' || how === 'set') sealedHere.add(Object.preventExtensions(o));
}

/** May everything be done with it that may be done with a field? Of one that stays it may be written. */
function isOpen(field: PropertyDescriptor, stays: boolean): boolean {
  if (stays) return field.writable === true;
  return !('value' in field) || (field.writable === true && field.configurable === true);
}

function changed(what: string): never {
  throw new Broken('', `it changed what may be done with ${what} of the machine`, 'seam');
}
