// The rest of the machine: everything that hangs below a kernel, its statistics, its bytes and its classes too. Both
// processes play the same run, so it is the same in both, or the candidate wrote where no tape tells of it and no search
// looks. A sum over all of it takes long, so not every look takes one: who keeps something there keeps it for longer.
// Non-goal: what a candidate only reads there.
import { types } from 'node:util';
import { SideField, type Kernel } from '@lastref/kernel';
import { Broken } from '../candidates/rules.ts';

/** Looks that take in the rest: so many at first, and then one in so many. */
const FIRST = 16;
const EVERY = 64;

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
  #looks = 0;
  #sum = 0;

  constructor(k: Kernel, candidate: () => object | null) {
    this.#k = k;
    this.#candidate = candidate;
  }

  /** Does this look take it in? */
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
    }
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
    for (let i = 0; i < keys.length; i++) {
      const field = Reflect.getOwnPropertyDescriptor(o, keys[i]!)!;
      if ('value' in field) this.#value(field.value);
      else if (typeof o !== 'function' && !isPrototype(o))
        throw new Broken('', `it made an accessor of ${String(keys[i])} of a ${nameOf(o)}`, 'seam');
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
    if ((byteOffset & 3) === 0) {
      const words = new Int32Array(buffer, byteOffset, byteLength >> 2);
      for (let i = 0; i < words.length; i++) this.#mix(words[i]!);
    }
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
    const mixed = Math.imul(this.#sum ^ word, 0x9e3779b1);
    this.#sum = ((mixed << 13) | (mixed >>> 19)) ^ word;
  }
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
