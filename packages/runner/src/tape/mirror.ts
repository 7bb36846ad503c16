// What a design remembers, from words: plain objects that hang together as its own do. Foreign data, so anything may
// come: what does not fit is said, and never more built than words were read.
import { createHash } from 'node:crypto';
import type { SlabObject } from '@lastref/kernel';
import { CONTENTS_MAX, Tag } from './contents.ts';
import { cameBy, ownOf } from './come-by.ts';
import type { Names } from './names.ts';
import { misfit } from './reader.ts';
import { takeDouble, takeText, type Spring } from './words.ts';

/** Of one moment. */
export interface Remembered {
  readonly design: unknown;
  /** By the number of the field: its values. */
  readonly fields: readonly ReadonlyMap<SlabObject, unknown>[];
}

/** The value of a field for one object, or the design itself (of no object): its words, and what they lead to. */
interface Part {
  readonly field: number;
  of: object | null;
  readonly from: number;
  to: number;
  readonly named: object[];
  /** Earlier parts in which something stands that is meant here, too. */
  readonly shares: Set<Part>;
}

/** Where an object says of which class it is, and how its fields are called: no field of a candidate's can be called so. */
const KIND = '\0kind';
/** Where a list has nothing. */
const HOLE = Object.freeze({ hole: true });

/** What is known is kept by its words, if it is no more than these. */
const FEW = 64;

/** How deep objects may hang below each other. */
const DEPTH_MAX = 2000;

export class Mirror implements Spring {
  readonly #names: Names;
  /** Of each list of keys a sum over the class and them, then the keys. */
  readonly #keys: (readonly unknown[])[] = [];
  #words: Int32Array = new Int32Array(0);
  #at = 0;
  #depth = 0;
  #seen: unknown[] = [];
  /** Of each of `seen` the part in which it came. */
  #cameIn: Part[] = [];
  /** The design itself first. */
  #parts: Part[] = [];
  /** Texts of keys, which come once. */
  #texts: [from: number, to: number][] = [];
  /** By what the words say. */
  readonly #knowns = new Map<string, number>();

  constructor(names: Names) {
    this.#names = names;
  }

  /** Reads what `Contents` took in of a design with so many fields. */
  read(tape: Spring, fieldCount: number): Remembered {
    const length = tape.next();
    if (length < 0 || length > CONTENTS_MAX) throw misfit('what it remembers has no end');
    this.#words = new Int32Array(length);
    for (let i = 0; i < length; i++) this.#words[i] = tape.next();
    this.#at = this.#depth = 0;
    this.#seen = [];
    this.#cameIn = [];
    this.#parts = [];
    this.#texts = [];
    const own = this.#begin(-1);
    const design = this.#value();
    own.to = this.#at;
    const fields = Array.from({ length: fieldCount }, () => new Map<SlabObject, unknown>());
    for (let n = this.next(); n !== -1; n = this.next()) {
      const field = fields[n];
      const part = this.#begin(n);
      const o = this.#value();
      if (field === undefined || typeof o !== 'object' || o === null || !('slot' in o))
        throw misfit('it added a field to nothing');
      field.set(o as SlabObject, this.#value());
      part.of = o;
      part.to = this.#at;
    }
    return { design, fields };
  }

  #begin(field: number): Part {
    const part = { field, of: null, from: this.#at, to: 0, named: [], shares: new Set<Part>() };
    this.#parts.push(part);
    return part;
  }

  /**
   * A number for what the design itself held when it was read last, and what it wrote to the objects that it comes at from there, be
   * it in a field that it added to them. What stands with other objects it comes at where it is given those.
   */
  get known(): number {
    const words: number[] = [];
    const parts = this.#parts.slice(0, 1);
    const taken = new Set<Part>(parts);
    const reached = new Set<object>();
    const take = (part: Part): void => {
      if (taken.has(part)) return;
      taken.add(part);
      parts.push(part);
    };
    for (const part of parts) {
      words.push(part.field);
      this.#say(part, words);
      for (const o of cameBy(part.named, reached)) {
        ownOf(o, words);
        for (const one of this.#parts) if (one.of === o) take(one);
      }
      for (const one of part.shares) take(one);
    }
    const text = words.length <= FEW ? words.join() : digestOf(words);
    let number = this.#knowns.get(text);
    if (number === undefined) this.#knowns.set(text, (number = this.#knowns.size));
    return number;
  }

  /** The words of a part, without those that come once. */
  #say({ from: first, to }: Part, words: number[]): void {
    let from = first;
    for (const [start, end] of this.#texts) {
      if (start < from || start >= to) continue;
      this.#sayFrom(from, start, words);
      from = end;
    }
    this.#sayFrom(from, to, words);
  }

  /** One by one: as arguments of one call so many find no room on a stack. */
  #sayFrom(from: number, to: number, words: number[]): void {
    for (let at = from; at < to; at++) words.push(this.#words[at]!);
  }

  next(): number {
    const word = this.#words[this.#at++];
    if (word === undefined) throw misfit('what it remembers breaks off');
    return word;
  }

  #value(): unknown {
    if (++this.#depth > DEPTH_MAX) throw misfit('what it remembers hangs too deep');
    const v = this.#tagged(this.next());
    this.#depth--;
    return v;
  }

  #tagged(tag: number): unknown {
    switch (tag) {
      case Tag.NULL:
        return null;
      case Tag.CONSTANT:
        return this.#keep({ constant: this.#text() });
      case Tag.HOLE:
        return HOLE;
      case Tag.HELD:
        return { held: this.next(), what: this.#value() };
      case Tag.UNDEFINED:
        return undefined;
      case Tag.FALSE:
        return false;
      case Tag.TRUE:
        return true;
      case Tag.INTEGER:
        return this.next();
      case Tag.DOUBLE:
        return takeDouble(this);
      case Tag.TEXT:
        return this.#text();
      case Tag.BIG:
        return { big: this.#text() };
      case Tag.AGAIN:
        return this.#again(this.next());
      case Tag.LIST:
        return this.#list();
      case Tag.MAP:
        return this.#map();
      case Tag.SET:
        return this.#set();
      case Tag.RECORD:
        return this.#record();
      case Tag.NUMBERS:
        return this.#numbers();
      default:
        return this.#ofMachine(tag);
    }
  }

  #ofMachine(tag: number): unknown {
    const names = this.#names;
    if (tag === Tag.LIFE) {
      const life = this.#keep<{ life: unknown }>({ life: null });
      life.life = this.#value();
      return life;
    }
    const word = this.next();
    let o: unknown;
    if (tag === Tag.SKB) o = names.skb(word);
    else if (tag === Tag.SHINFO) o = names.shinfo(word);
    else if (tag === Tag.PAGE) o = names.page(word);
    else if (tag === Tag.LOAN) o = names.loan(word);
    else if (tag === Tag.SOCK) o = names.sock(word);
    else if (tag === Tag.FRAG) o = names.frag(word, this.next());
    if (o === undefined) throw misfit('it remembers something that is not of this machine');
    this.#parts.at(-1)!.named.push(o as object);
    return o;
  }

  #text(): string {
    const text = takeText(this, 2 * (this.#words.length - this.#at)); // two units to a word
    if (text === null) throw misfit('a text that it remembers has no end');
    return text;
  }

  #again(n: number): unknown {
    if (n < 0 || n >= this.#seen.length) throw misfit('it remembers what never came');
    this.#parts.at(-1)!.shares.add(this.#cameIn[n]!);
    return this.#seen[n];
  }

  #keep<T>(o: T): T {
    this.#seen.push(o);
    this.#cameIn.push(this.#parts.at(-1)!);
    return o;
  }

  #count(): number {
    const n = this.next();
    if (n < 0 || n > this.#words.length) throw misfit('a list that it remembers has no end');
    return n;
  }

  #list(): unknown[] {
    const list = this.#keep([] as unknown[]);
    for (let n = this.#count(); n > 0; n--) list.push(this.#value());
    return list;
  }

  #map(): Map<unknown, unknown> {
    const map = this.#keep(new Map<unknown, unknown>());
    for (let n = this.#count(); n > 0; n -= 2) {
      const key = this.#value();
      map.set(key, this.#value());
    }
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#keep(new Set<unknown>());
    for (let n = this.#count(); n > 0; n--) set.add(this.#value());
    return set;
  }

  #record(): object {
    const id = this.next();
    if (id === this.#keys.length) {
      const from = this.#at;
      const text = this.#text();
      this.#texts.push([from, this.#at]);
      this.#keys.push(keysIn(text));
    }
    const keys = this.#keys[id];
    const count = this.#count();
    if (keys === undefined) throw misfit('it remembers fields that have no names');
    const o = this.#keep(Object.create(null) as Record<string, unknown>);
    o[KIND] = keys[0];
    for (let i = 1; i <= count; i++) {
      const key = keys[i];
      if (typeof key !== 'string' || key === KIND)
        throw misfit('it remembers a field that has no name');
      o[key] = this.#value();
    }
    return o;
  }

  /** As bytes, behind the name of their kind. */
  #numbers(): object {
    const numbers = this.#keep({ kind: this.#text(), bytes: [] as number[] });
    for (let n = this.#count(); n > 0; n--) numbers.bytes.push(this.next());
    return numbers;
  }
}

/** Foreign text: what is no list is said. */
function keysIn(text: string): readonly unknown[] {
  try {
    const keys: unknown = JSON.parse(text);
    if (Array.isArray(keys) && typeof keys[0] === 'string') return [kindOf(text), ...keys.slice(1)];
  } catch {
    // said below
  }
  throw misfit('the names of its fields are no list');
}

/** In place of very many words, of each of very many states: no two are alike. */
function digestOf(words: readonly number[]): string {
  return createHash('sha256').update(Int32Array.from(words)).digest('base64');
}

/** A sum over the class and all names: two lists of names may have one sum of 32 bits, and a search keeps no texts. */
function kindOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
