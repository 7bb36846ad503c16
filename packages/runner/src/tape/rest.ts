// The rest of the machine: everything that hangs below a kernel, its statistics, its bytes and its classes too. Both
// processes play the same run, so it is the same in both, or the candidate wrote where no tape tells of it and no search
// looks. A sum over all of it takes long, so only some looks take one, and the others a glance: at the bytes, and at
// whatever is neither of a slab (`Whole` has what is alive there) nor a class. Of that a machine is set back to what it was,
// and who kept something there would find it in each state as it was left.
// Non-goal: what a candidate only reads there.
import { types } from 'node:util';
import {
  Loan,
  PAGE_SIZE,
  Page,
  SideField,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  declaredOf,
  type Kernel,
} from '@lastref/kernel';
import { Broken } from '../candidates/rules.ts';
import { isShared } from '../candidates/shared.ts';

/** Glances that together come to what no machine is set back to: classes, what nobody has, and all bytes. */
const TURNS = 16;
/** Looks that take in all of it: so many at first, and then one in so many. */
const FIRST = 16;
const EVERY = 128;

type Fields = Readonly<Record<PropertyKey, unknown>>;

const DOUBLE = new Float64Array(1);
const HALVES = new Int32Array(DOUBLE.buffer);

export class Rest {
  /** By class, in the order in which a walk comes to them. */
  readonly sums = new Map<string, number>();
  readonly #k: Kernel;
  /** What stands for the candidate is another thing in each process. */
  readonly #candidate: () => object | null;
  readonly #numbers = new Map<object, number>();
  readonly #todo: object[] = [];
  /** What a glance takes in: of the last walk. */
  readonly #glanced: object[] = [];
  /** And what it takes in by turns. */
  readonly #others: object[] = [];
  #turn = 0;
  /** By class: fields that a glance takes in. */
  readonly #keys = new Map<object, readonly string[]>();
  readonly #closely: boolean;
  #looks = 0;
  #sum = 0;

  /** `closely`: what may be done with a field is looked at as well, as it is in the candidate's process. */
  constructor(k: Kernel, candidate: () => object | null, closely = false) {
    this.#k = k;
    this.#candidate = candidate;
    this.#closely = closely;
  }

  /** Does this look take all of it in? */
  due(): boolean {
    const n = this.#looks++;
    return n < FIRST || n % EVERY === 0;
  }

  /** Did the last walk come to it? */
  has(o: object): boolean {
    return this.#numbers.has(o);
  }

  /** Throws Broken where somebody put an accessor, which may say what it likes. */
  take(): void {
    const { sums } = this;
    const k = this.#k;
    sums.clear();
    this.#numbers.clear();
    this.#glanced.length = this.#others.length = 0;
    for (const o of [this.#candidate(), k.design, k.era, k.sideFields])
      if (o !== null) this.#numbers.set(o, 1);
    this.#todo.length = 0;
    this.#refer(k);
    this.#sum = 0;
    this.#bytes(k.mem);
    sums.set('the memory', this.#sum);
    for (let o = this.#todo.pop(); o !== undefined; o = this.#todo.pop()) {
      const name = nameOf(o);
      this.#sum = sums.get(name) ?? 0;
      this.#object(o);
      sums.set(name, this.#sum);
      (isGlanced(o) ? this.#glanced : this.#others).push(o);
    }
  }

  /**
   * A sum over the numbers, texts and flags of what the last walk came to that is no slab's and no class, and over the bytes
   * that somebody has. Throws as `take`.
   */
  glance(): number {
    const { mem, shinfos, pages } = this.#k;
    this.#sum = 0;
    for (const { live, headPage, head, end } of shinfos.all)
      if (live && headPage === null) this.#mix(sumOfBytes(mem, head, end - head));
    for (const { live, address } of pages.all)
      if (live && address >= 0) this.#mix(sumOfBytes(mem, address, PAGE_SIZE));
    for (const o of this.#glanced) {
      if (ArrayBuffer.isView(o)) {
        if (o !== mem) this.#mix(sumOfBytes(o, 0, o.byteLength));
        continue;
      }
      if (this.#closely && !Object.isExtensible(o) && !isShared(o))
        changed(`an object (${nameOf(o)})`);
      this.#some(o as Fields, this.#keysOf(o));
    }
    this.#takeTurn();
    return this.#sum;
  }

  /** What is written there stays, whatever a machine is set back to: it is enough to come to it soon. */
  #takeTurn(): void {
    const turn = this.#turn++ % TURNS;
    const { mem } = this.#k;
    const size = mem.length / TURNS;
    this.#mix(sumOfBytes(mem, turn * size, size));
    for (let i = turn; i < this.#others.length; i += TURNS) {
      const o = this.#others[i]!;
      this.#some(o as Fields, Object.keys(o)); // of a class what somebody has put there
    }
  }

  /** Its numbers, texts and flags, and how many fields there are. */
  #some(o: Fields, keys: readonly string[]): void {
    this.#mix(keys.length);
    for (let i = 0; i < keys.length; i++) {
      const v = o[keys[i]!];
      if (typeof v === 'number') this.#number(v);
      else if (typeof v === 'string') this.#mix(sumOf(v));
      else if (typeof v === 'boolean') this.#mix(v ? 3 : 5);
    }
  }

  /**
   * Of an object of the machine's classes what is no state: that, a search itself would find to be another one. What is set
   * when it is made and never again nobody sets back.
   */
  #keysOf(o: object): readonly string[] {
    const prototype = Object.getPrototypeOf(o) as object | null;
    if (Array.isArray(o) || prototype === null || prototype === Object.prototype)
      return Object.keys(o);
    let keys = this.#keys.get(prototype);
    if (keys === undefined) {
      const declared = declaredOf(prototype.constructor);
      const own = declared === null ? null : [...declared.fields];
      keys =
        own
          ?.filter(([, kind]) => kind !== 'state' && kind !== 'constant')
          .map(([field]) => field) ?? Object.keys(o);
      this.#keys.set(prototype, keys);
    }
    return keys;
  }

  #object(o: object): void {
    this.#prototype(o);
    if (ArrayBuffer.isView(o)) {
      if (o.buffer !== this.#k.mem.buffer) this.#bytes(o);
    } else if (types.isMap(o)) {
      for (const [key, value] of o) {
        this.#value(key);
        this.#value(value);
      }
    } else if (types.isSet(o)) {
      for (const value of o) this.#value(value);
    }
    if (ArrayBuffer.isView(o)) return;
    const keys = Reflect.ownKeys(o);
    this.#mix(keys.length);
    const closely = this.#closely && typeof o !== 'function' && !isShared(o) && !isPrototype(o);
    if (closely && !Object.isExtensible(o)) changed(`an object (${nameOf(o)})`);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const field = Reflect.getOwnPropertyDescriptor(o, key)!;
      this.#mix(typeof key === 'string' ? sumOf(key) : 19);
      if ('value' in field) this.#value(field.value);
      else if (typeof o !== 'function' && !isPrototype(o))
        throw new Broken('', `it made an accessor of ${String(key)} of a ${nameOf(o)}`, 'seam');
      if (closely && !isOpen(field, key === 'length' && Array.isArray(o)))
        changed(`the field ${String(key)} of a ${nameOf(o)}`);
    }
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
    this.#mix(number);
  }

  #value(v: unknown): void {
    if (typeof v === 'number') this.#number(v);
    else if (typeof v === 'boolean') this.#mix(v ? 3 : 5);
    else if (typeof v === 'string') for (let i = 0; i < v.length; i++) this.#mix(v.charCodeAt(i));
    else if (v === null || v === undefined) this.#mix(v === null ? 11 : 13);
    else if (typeof v === 'object') this.#refer(v);
    else if (typeof v === 'function' && !isOfLanguage(v)) this.#refer(v);
    else this.#mix(17);
  }

  #bytes({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    this.#mix(byteLength);
    if ((byteOffset & 3) === 0)
      this.#sum = mixedAll(this.#sum, new Int32Array(buffer, byteOffset, byteLength >> 2));
    const whole = (byteOffset & 3) === 0 ? byteLength & ~3 : 0;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let i = whole; i < byteLength; i++) this.#mix(bytes[i]!);
  }

  #number(v: number): void {
    DOUBLE[0] = v;
    this.#mix(HALVES[0]!);
    this.#mix(HALVES[1]!);
  }

  #mix(word: number): void {
    this.#sum = mixed(this.#sum, word);
  }
}

function mixed(sum: number, word: number): number {
  const m = Math.imul(sum ^ word, 0x9e3779b1);
  return ((m << 13) | (m >>> 19)) ^ word;
}

function mixedAll(sum: number, words: Int32Array): number {
  for (let i = 0; i < words.length; i++) sum = mixed(sum, words[i]!);
  return sum;
}

/** Of the name of a field; there are few of them. */
function sumOf(key: string): number {
  let sum = nameSums.get(key);
  if (sum === undefined) {
    sum = key.length;
    for (let i = 0; i < key.length; i++) sum = mixed(sum, key.charCodeAt(i));
    if (nameSums.size < NAMES_MAX) nameSums.set(key, sum);
  }
  return sum;
}

const nameSums = new Map<string, number>();
const NAMES_MAX = 1 << 14;

/** Does it have numbers of its own? Not those of a slab, which `Whole` has, nor a list of what is met itself. */
function isGlanced(o: object): boolean {
  if (typeof o === 'function' || isPrototype(o)) return false;
  if (Array.isArray(o)) return typeof o[0] !== 'object';
  return ![SkBuff, SkbSharedInfo, SkbFrag, Page, Loan].some((kind) => o instanceof kind);
}

/** Of `size` bytes from `at` on: four sums side by side, which a processor makes at a time. */
function sumOfBytes({ buffer, byteOffset }: ArrayBufferView, at: number, size: number): number {
  if (((byteOffset + at) & 3) !== 0) return 0; // a walk takes it in
  const words = new Int32Array(buffer, byteOffset + at, size >> 2);
  let [a, b, c, d] = [size, 2, 3, 4];
  let i = 0;
  for (; i + 3 < words.length; i += 4) {
    a = (Math.imul(a, 31) + words[i]!) | 0;
    b = (Math.imul(b, 31) + words[i + 1]!) | 0;
    c = (Math.imul(c, 31) + words[i + 2]!) | 0;
    d = (Math.imul(d, 31) + words[i + 3]!) | 0;
  }
  for (; i < words.length; i++) a = (Math.imul(a, 31) + words[i]!) | 0;
  return mixed(mixed(mixed(a, b), c), d);
}

/** May everything be done with it that may be done with a field? */
function isOpen(field: PropertyDescriptor, length: boolean): boolean {
  if (length) return field.writable === true;
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
