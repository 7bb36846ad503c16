// What a design remembers, as words: all that hangs below it and below the fields that it added to structs. A search
// tells states apart by it, so the process that judges has to know it. Names of objects do not travel, their order does.
import { types } from 'node:util';
import {
  Loan,
  Page,
  SideField,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  Sock,
  declaredOf,
  type Kernel,
  type SlabObject,
} from '@lastref/kernel';
import { Broken } from '../candidates/rules.ts';
import { sharedName } from '../candidates/shared.ts';
import {
  CheckedCalls,
  CheckedField,
  CheckedServices,
  fieldBehind,
  isForged,
} from '../candidates/services.ts';
import {
  bytesOf,
  classOf,
  heldBack,
  hidden,
  mustBeOrdinary,
  mustBePlain,
  mustShowAll,
} from './in-the-open.ts';
import { isLife, objectOf } from './lives.ts';
import { socketOf } from './closed-sock.ts';
import { placeOfEntry } from './entries.ts';
import type { Names } from './names.ts';
import { ofKind } from './recorded-field.ts';
import { NOTHING, putDouble, putText, type Sink } from './words.ts';

/** What kind of value comes. */
export const Tag = {
  NULL: 0,
  UNDEFINED: 1,
  FALSE: 2,
  TRUE: 3,
  INTEGER: 4,
  DOUBLE: 5,
  TEXT: 6,
  BIG: 7,
  /** One that came before: its number. */
  AGAIN: 8,
  LIST: 9,
  MAP: 10,
  SET: 11,
  /** Number of its list of keys, values. */
  RECORD: 12,
  NUMBERS: 13,
  SKB: 14,
  SHINFO: 15,
  PAGE: 16,
  LOAN: 17,
  /** The shared info that it stands in, and where. */
  FRAG: 18,
  SOCK: 19,
  /** A pointer that is kept with the life of what it leads to: that, or null. */
  LIFE: 20,
  /** Something that never changes, by its name: the services, the era. */
  CONSTANT: 21,
  /** A place of a list where nothing is. */
  HOLE: 22,
  /** What follows may not grow (1), nor lose anything (2), nor change (3). */
  HELD: 23,
} as const;

/** Words of all that a design remembers, at most. */
export const CONTENTS_MAX = 1 << 20;

export class Contents implements Sink {
  /** What was taken in last. */
  readonly words: number[] = [];
  readonly #k: Kernel;
  readonly #names: Names;
  /** Lists of keys by their text, each sent once. */
  readonly #keys = new Map<string, number>();
  readonly #seen = new Map<unknown, number>();
  readonly #buffers = new Set<ArrayBufferLike>();
  /** What was held back of them when somebody looked first. */
  readonly #held = new WeakMap<object, number>();
  /** Whatever has content and no name of the machine's. */
  readonly #own: object[] = [];
  #fields: readonly object[] = [];

  constructor(k: Kernel, names: Names) {
    this.#k = k;
    this.#names = names;
  }

  put(word: number): void {
    if (this.words.length === CONTENTS_MAX)
      throw new Broken('', 'it remembers more than a search can tell apart', 'memory');
    this.words.push(word | 0);
  }

  /** Takes in `design` and its `fields`. */
  take(design: object, fields: readonly SideField<SlabObject, unknown>[]): void {
    this.words.length = 0;
    this.#seen.clear();
    this.#buffers.clear();
    this.#own.length = 0;
    this.#fields = fields;
    this.#value(design);
    for (let n = 0; n < fields.length; n++) this.#field(n, fields[n]!);
    this.put(-1);
  }

  #field(n: number, field: SideField<SlabObject, unknown>): void {
    const values = field['values'];
    for (const list of [values, field['gens']]) mustShowAll(list, heldBack(list));
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot] === undefined) continue;
      const o = ofKind(this.#names, field['kind'], slot);
      if (o === undefined) hidden('a SideField, for what is no packet, shared info, page or loan');
      if (!o.live || o.gen !== field['gens'][slot]) continue; // freed since: nobody finds it there
      this.put(n);
      this.#value(o);
      this.#value(values[slot]);
    }
  }

  #value(v: unknown): void {
    switch (typeof v) {
      case 'number':
        this.#number(v);
        return;
      case 'boolean':
        this.put(v ? Tag.TRUE : Tag.FALSE);
        return;
      case 'string':
        this.put(Tag.TEXT);
        putText(this, v);
        return;
      case 'bigint':
        this.put(Tag.BIG);
        putText(this, `${v}`);
        return;
      case 'object':
        if (v === null) this.put(Tag.NULL);
        else this.#object(v);
        return;
      case 'undefined':
        this.put(Tag.UNDEFINED);
        return;
      default:
        this.#fixed(v, typeof v); // a function: the walk of the search refuses it by name
    }
  }

  #number(v: number): void {
    if (Number.isNaN(v)) hidden('a NaN, which has bits of its own');
    if ((v | 0) === v && !Object.is(v, -0)) {
      this.put(Tag.INTEGER);
      this.put(v);
    } else {
      this.put(Tag.DOUBLE);
      putDouble(this, v);
    }
  }

  #object(o: object): void {
    if (types.isProxy(o)) {
      this.#fixed(o, 'Proxy'); // the walk of the search refuses it by name
      return;
    }
    if (this.#ofMachine(o)) return;
    const name = constantName(o, this.#k, this.#fields) ?? sharedName(o);
    if (name !== null) this.#fixed(o, name);
    else if (!this.#again(o)) this.#content(o);
  }

  /** Is it one that came before? */
  #again(o: unknown): boolean {
    const known = this.#seen.get(o);
    if (known === undefined) {
      this.#seen.set(o, this.#seen.size);
      return false;
    }
    this.#named(Tag.AGAIN, known);
    return true;
  }

  /**
   * Throws Broken if what was taken in last has a list, a record or an array of numbers of the machine's own: one that is
   * alike has the same words, and does not change with the machine.
   */
  mustBeItsOwn(machine: { has(o: object): boolean }): void {
    const other = this.#own.find((o) => machine.has(o));
    if (other === undefined) return;
    hidden(`${Object.prototype.toString.call(other)}, which is the machine's own`);
  }

  #content(o: object): void {
    this.#own.push(o);
    const held = heldBack(o);
    if (held > 0) this.#named(Tag.HELD, held);
    // who comes back to a state gives nobody back what may be done with an object
    const before = this.#held.get(o);
    if (before === undefined) this.#held.set(o, held);
    else if (before !== held) hidden('an object that is frozen while it is kept');
    mustShowAll(o, held);
    if (Array.isArray(o) || o instanceof Map || o instanceof Set) mustBePlain(o);
    if (Array.isArray(o)) this.#list(Tag.LIST, o);
    else if (o instanceof Map) this.#list(Tag.MAP, [...(o as Map<unknown, unknown>)].flat());
    else if (o instanceof Set) this.#list(Tag.SET, [...(o as Set<unknown>)]);
    else if (ArrayBuffer.isView(o) && !(o instanceof DataView)) this.#numbers(o as Int32Array);
    else {
      mustBeOrdinary(o);
      this.#record(o as Readonly<Record<string, unknown>>);
    }
  }

  #list(tag: number, all: readonly unknown[]): void {
    this.put(tag);
    this.put(all.length);
    for (let i = 0; i < all.length; i++) {
      if (i in all) this.#value(all[i]);
      else this.put(Tag.HOLE);
    }
  }

  /** As bytes: numbers of all kinds have them. What lies in the buffer beside them no walk would come to. */
  #numbers(all: Int32Array): void {
    const kind = Object.prototype.toString.call(all).slice('[object '.length, -1);
    const bytes = bytesOf(all, kind);
    if (this.#buffers.has(bytes.buffer)) hidden(`two views of one buffer (a ${kind})`);
    this.#buffers.add(bytes.buffer);
    if (kind.startsWith('Float') && all.some((n) => Number.isNaN(n)))
      hidden(`a NaN of a ${kind}, which has bits of its own`); // who sets it back does not keep them
    this.put(Tag.NUMBERS);
    putText(this, `${kind} ${classOf(all)}`);
    this.put(bytes.length);
    for (const byte of bytes) this.put(byte);
  }

  /** Something that has no content of its own. */
  #fixed(o: unknown, name: string): void {
    if (this.#again(o)) return;
    this.put(Tag.CONSTANT);
    putText(this, name);
  }

  /** With the class that it is of: an object does what its class says. */
  #record(o: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(o);
    const text = JSON.stringify([classOf(o), ...keys]);
    const known = this.#keys.get(text);
    this.put(Tag.RECORD);
    this.put(known ?? this.#keys.size);
    if (known === undefined) {
      this.#keys.set(text, this.#keys.size);
      putText(this, text);
    }
    this.put(keys.length);
    for (const key of keys) this.#value(o[key]);
  }

  /** Something of the machine's own: a name is enough. */
  #ofMachine(o: object): boolean {
    if (isOfSlab(o)) this.#names.wordOf(o); // before anything of it is read
    if (isSlabs(o) && !o.live) freed(o);
    if (o instanceof SkBuff) this.#named(Tag.SKB, this.#names.wordOfSkb(o));
    else if (o instanceof SkbSharedInfo) this.#named(Tag.SHINFO, this.#names.wordOfShinfo(o));
    else if (o instanceof Page) this.#named(Tag.PAGE, this.#names.wordOfPage(o));
    else if (o instanceof Loan) this.#named(Tag.LOAN, this.#names.wordOfLoan(o));
    else if (o instanceof SkbFrag) this.#frag(o);
    else if (o instanceof Sock) this.#sock(o);
    else if (socketOf(o) !== undefined) this.#sock(socketOf(o)!);
    else if (isLife(o)) this.#life(o);
    else return false;
    return true;
  }

  #named(tag: number, word: number): void {
    this.put(tag);
    this.put(word);
  }

  #sock(sk: Sock): void {
    if (!this.#names.isGiven(sk)) hidden('a Sock that no hook was given');
    this.#named(Tag.SOCK, sk.slot);
  }

  /** Two lives of one object are two, and one that stands in two places is one. */
  #life(life: { readonly over: boolean }): void {
    const object = objectOf(life);
    if (object === undefined || heldBack(life) > 0) hidden('a Life that is not as it was made');
    if (this.#again(life)) return;
    if (isOfSlab(object)) this.#names.wordOf(object); // also of one that was freed: what a candidate makes itself may hold anything
    if (!isSlabs(object)) hidden('a Life of what is no packet, shared info, page or loan');
    this.put(Tag.LIFE);
    if (life.over) this.put(Tag.NULL);
    // the first half of a pair is freed, and its life goes on with the other one
    else if (object instanceof SkBuff) this.#named(Tag.SKB, this.#names.wordOfSkb(object));
    else this.#value(object);
  }

  #frag(frag: SkbFrag): void {
    const [shinfo, index] = placeOfEntry(frag) ?? [null, 0];
    if (shinfo !== null && (!shinfo.live || index >= shinfo.nrFrags)) freed(frag);
    this.#named(Tag.FRAG, shinfo === null ? NOTHING : this.#names.wordOfShinfo(shinfo));
    this.put(index);
  }
}

function isOfSlab(o: object): o is SlabObject {
  return (
    o instanceof SkBuff || o instanceof SkbSharedInfo || o instanceof Page || o instanceof Loan
  );
}

/** And none that stands where there is none. */
function isSlabs(o: object): o is SlabObject {
  return isOfSlab(o) && o.slot >= 0;
}

/** What stands in an object that nobody has is no state, so nobody may look for it there. */
function freed(o: object): never {
  const what = `it keeps a pointer to a ${o.constructor.name} that was freed`;
  throw new Broken('', `${what}; let go of it when it is, or keep a Life of it`, 'alive');
}

/** What it is called, if it is something of the machine's that never changes; null: it is not. */
function constantName(o: object, k: Kernel, fields: readonly object[]): string | null {
  if (o === k.era) return 'the era';
  if (o === k.era.changes) return 'what the era has';
  if (isForged(o)) hidden('what it calls the kernel by, made by itself');
  const prototype = Object.getPrototypeOf(o) as object | null;
  if (prototype === CheckedServices.prototype) return 'the services';
  if (prototype === CheckedCalls.prototype) return 'the calls';
  if (prototype === CheckedField.prototype)
    return `SideField ${fields.indexOf(fieldBehind(o) ?? o)}`;
  if (o instanceof SideField)
    hidden('a SideField of its own: sideField() of the services makes one');
  if (prototype !== null && declaredOf(prototype.constructor) !== null)
    hidden(`an object of the machine that it made itself (${prototype.constructor.name})`);
  return null;
}
