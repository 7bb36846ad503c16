// How each kind of object is walked. The machine's classes declare their fields (declareState); whatever hangs below a
// design is state as it is, of types whose content can be seen.
import { types } from 'node:util';
import { SeamMisuse, declaredOf, type Declared, type FieldKind } from '@lastref/kernel';
import type { MachineFingerprint, Sites } from './machine-fingerprint.ts';

/** A class of the machine has a field, or somebody put one there, that nobody declared. A fault of this repository. */
export class UndeclaredState extends Error {
  override readonly name = 'UndeclaredState';
}

/** A design keeps something where no search can see it, so that two states might be taken for one. */
export class HiddenState extends SeamMisuse {}

export interface Shape {
  /** Whose objects these are, for messages. */
  readonly name: string;
  /** Of a design: any plain field is state. */
  readonly design: boolean;
  /** Only holds others together (a list, a record): what is found in it belongs to whoever has it. */
  readonly passes: boolean;
  /** `sites`: what the fields of `o` referred to the last time. */
  walk(o: object, f: MachineFingerprint, sites: Sites): void;
  /** Throws if something of `o`, which `inside` refers to, would be left out. */
  inspect(o: object, inside: Shape): void;
  /** Throws: a function or a symbol is in a field. */
  refuse(v: unknown): void;
}

/** Values that are no numbers, as words; `OTHER` and `REFERENCE` tell these and references from numbers that are equal to them. */
export const NULL = 0x6e756c6c;
export const TRUE = 0x74727565;
export const FALSE = 0x66616c73;
export const OTHER = 0x5bd1e995;
export const REFERENCE = 0x27d4eb2f;

type Fields = Readonly<Record<string, unknown>>;

type Walk = Shape['walk'];

const nothing = (): void => undefined;

/** Where a walk of the machine begins; and one of what belongs to a design. */
export const MACHINE: Shape = {
  name: 'the machine',
  design: false,
  passes: false,
  walk: nothing,
  inspect: nothing,
  refuse: (v) => refused('the machine', v),
};
export const DESIGN: Shape = {
  name: 'a design',
  design: true,
  passes: false,
  walk: nothing,
  inspect: nothing,
  refuse: (v) => hidden('a design', v),
};

/** Is it of a class that declares its state, or of a type that only holds others together? */
export function isOfMachine(o: object): boolean {
  const holds = Array.isArray(o) || o instanceof Map || o instanceof Set || ArrayBuffer.isView(o);
  return holds || isPlain(o) || declaredOf(kindOf(o)) !== null;
}

/** How fields of these `kinds` of objects like `o` are walked, the first of which an object of shape `inside` refers to. */
export function shapeOf(o: object, inside: Shape, kinds: readonly FieldKind[]): Shape {
  if (Array.isArray(o)) return LIST;
  if (o instanceof Map) return MAP;
  if (o instanceof Set) return SET;
  if (ArrayBuffer.isView(o) && !(o instanceof DataView)) return NUMBERS;
  if (isPlain(o)) return PLAIN;
  const kind = kindOf(o);
  const declared = declaredOf(kind);
  if (declared !== null && (declared.own || !inside.design))
    return ofMachine(kind.name, declared, kinds);
  if (!inside.design)
    throw new UndeclaredState(
      `class ${kind.name}, which ${inside.name} refers to, declares no state (declareState)`,
    );
  return ofDesign(kind);
}

/** Its class, whatever a field of its own is called. */
function kindOf(o: object): Function {
  return (Object.getPrototypeOf(o) as object).constructor;
}

function isPlain(o: object): boolean {
  const prototype = Object.getPrototypeOf(o) as object | null;
  return prototype === Object.prototype || prototype === null;
}

/**
 * Takes the value `v`, the `nth` of an object, as MachineFingerprint.field does. Nearly all of them are words, or refer to
 * what they did the last time, which the walk has been to already: those are mixed in without any call.
 */
function taking(v: string, nth: number | string): string {
  return `v = ${v};
    if (typeof v === 'number') { y = x = v | 0; mixed = Object.is(x, v); }
    else if (v === null) { x = ${NULL}; y = ${NULL ^ OTHER}; mixed = true; }
    else if (typeof v === 'boolean') { x = v ? ${TRUE} : ${FALSE}; y = x ^ ${OTHER}; mixed = true; }
    else {
      mixed = false;
      if (typeof v === 'object') {
        const last = sites[${nth}];
        if (last !== undefined && last.o === v && last.walk === f.walks) { x = last.number; y = x ^ ${REFERENCE}; mixed = true; }
      }
    }
    if (mixed) {
      t = Math.imul(lo ^ x, 0x9e3779b1);
      t = (t << 13) | (t >>> 19);
      h = Math.imul(hi + y, 0x85ebca6b) ^ t;
      lo = (t + Math.imul(h, 5)) | 0;
      hi = (h << 17) | (h >>> 15);
    } else {
      f.lo = lo; f.hi = hi;
      f.field(v, sites, ${nth});
      lo = f.lo; hi = f.hi;
    }`;
}

const BEGIN = 'let { lo, hi } = f, v, x, y, t, h, mixed;';
const END = 'f.lo = lo; f.hi = hi;';

/** Straight-line code for a class: a loop over names is several times slower. */
function compiled({ fields, lives, also }: Declared, kinds: readonly FieldKind[]): Walk {
  const names = [...fields]
    .filter(([field, kind]) => kinds.includes(kind) && field !== 'next')
    .map(([field]) => field);
  const lines = [BEGIN, ...names.map((field, i) => taking(`o.${field}`, i)), END];
  if (lives) lines.unshift('if (!o.live) return;');
  also.forEach((_, i) => lines.push(`also[${i}](o, f);`));
  if (lives) lines.push('f.added(o);');
  if (kinds.includes(fields.get('next')!)) lines.push(`f.behind(o.next, sites, ${names.length});`);
  return walkOf(lines.join('\n'), also);
}

function walkOf(lines: string, also: Declared['also']): Walk {
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('also', `return (o, f, sites) => { ${lines} };`)(also) as Walk;
}

function ofMachine(name: string, declared: Declared, kinds: readonly FieldKind[]): Shape {
  return {
    name,
    design: false,
    passes: false,
    walk: compiled(declared, kinds),
    inspect(o, inside) {
      const key = Reflect.ownKeys(o).find(
        (one) => typeof one === 'symbol' || !declared.fields.has(one),
      );
      if (key === undefined) return;
      const what = `field ${String(key)} of class ${name}`;
      throw inside.design
        ? new HiddenState(`${what} is put there by ${inside.name}: a design adds with sideField()`)
        : new UndeclaredState(`${what} is declared neither as state nor as anything else`);
    },
    refuse: (v) => refused(name, v),
  };
}

function ofDesign(kind: Function): Shape {
  const { name } = kind;
  const mark = wordsOf(typeof kind === 'function' ? classText(kind) : ''); // else inspect refuses it
  const shape: Shape = {
    name,
    design: true,
    passes: false,
    walk(o, f, sites) {
      f.named(mark);
      f.which(kind);
      record(o, f, sites);
    },
    inspect(o) {
      inspectClass(o, shape);
      inspectFields(o, shape);
    },
    refuse: (v) => hidden(name, v),
  };
  return shape;
}

/** Keys are state: a table by number of call, a field that is there or not. */
function record(o: object, f: MachineFingerprint, sites: Sites): void {
  const keys = Object.keys(o);
  f.other((Object.getPrototypeOf(o) === null ? BARE_MARK : RECORD_MARK) + keys.length);
  f.held(o);
  for (let i = 0; i < keys.length; i++) {
    f.named(wordsOf(keys[i]!));
    f.field((o as Fields)[keys[i]!], sites, i);
  }
}

/** Two sums over a text, by two rules. */
export interface Words {
  readonly one: number;
  readonly other: number;
}

const words = new Map<string, Words>();

/** Words that stand for a text. */
function wordsOf(text: string): Words {
  let both = words.get(text);
  if (both === undefined) {
    let one = 0x811c9dc5;
    let other = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      one = Math.imul(one ^ code, 0x01000193);
      other = Math.imul(other + code, 0xcc9e2d51);
      other = (other << 15) | (other >>> 17);
    }
    words.set(text, (both = { one: one | 0, other: other | 0 }));
  }
  return both;
}

/** A class by what it does: its text, and those of the classes that it extends. */
export function classText(kind: object): string {
  const text = Function.prototype.toString.call(kind);
  const over = Object.getPrototypeOf(kind) as object | null;
  return over === null || over === Function.prototype ? text : `${text}\n${classText(over)}`;
}

/** What has the methods and no state of an `Object`, an array, a map: `prototype` itself, and not a subclass. */
function holder(prototype: object, walk: Walk): Shape {
  return {
    name: prototype.constructor.name,
    design: false,
    passes: true,
    walk,
    inspect(o, inside) {
      const own = Object.getPrototypeOf(o) as object | null;
      if (own !== prototype && own !== null) inspectClass(o, inside);
      inspectFields(o, inside);
    },
    refuse: nothing,
  };
}

/** No list is so long. */
const MAP_MARK = 0x6d617000;
const SET_MARK = 0x73657400;
const NUMBERS_MARK = 0x6e756d00;
const RECORD_MARK = 0x72656300;
const BARE_MARK = 0x62617200;
const HOLE = 0x686f6c65;

const LIST = holder(
  Array.prototype,
  walkOf(
    `const { length } = o;
    f.other(length);
    f.held(o);
    if (length === 0) return;
    ${BEGIN}
    for (let i = 0; i < length; i++) {
      if (o[i] === undefined && !(i in o)) { f.lo = lo; f.hi = hi; f.other(${HOLE}); lo = f.lo; hi = f.hi; continue; }
      ${taking('o[i]', 'i')}
    }
    ${END}`,
    [],
  ),
);
const MAP = holder(Map.prototype, (o, f) => {
  const map = o as ReadonlyMap<unknown, unknown>;
  f.other(MAP_MARK);
  f.held(o);
  f.number(map.size);
  for (const [key, value] of map) {
    f.value(key);
    f.value(value);
  }
});
const SET = holder(Set.prototype, (o, f) => {
  const set = o as ReadonlySet<unknown>;
  f.other(SET_MARK);
  f.held(o);
  f.number(set.size);
  for (const value of set) f.value(value);
});
const PLAIN = holder(Object.prototype, record);
const NUMBERS: Shape = {
  ...holder(Uint8Array.prototype, (o, f) => {
    const numbers = o as Int32Array;
    f.other(NUMBERS_MARK);
    f.named(wordsOf(kindOf(o).name));
    f.number(numbers.length);
    for (let i = 0; i < numbers.length; i++) f.value(numbers[i]!);
  }),
  /** What lies in its buffer beside it no walk comes to, nor what somebody puts on it. */
  inspect(o, inside) {
    if (!inside.design) return;
    const { name } = kindOf(o);
    const { buffer, byteLength, length } = o as Int32Array;
    if (buffer.byteLength !== byteLength) hiddenIn(inside, `a ${name} that is a part of a buffer`);
    if (Reflect.ownKeys(o).length !== length) hiddenIn(inside, `a field of a ${name}`);
  },
};

/** Throws unless the methods of `o` are those of classes that somebody wrote down, and nothing else stands there. */
function inspectClass(o: object, inside: Shape): void {
  if (types.isProxy(o)) hiddenIn(inside, 'a Proxy');
  const kind = Object.prototype.toString.call(o).slice('[object '.length, -1);
  if (!SEEN.has(kind)) hiddenIn(inside, `a ${kind}`);
  let prototype = Object.getPrototypeOf(o) as object | null;
  for (; prototype !== null && prototype !== Object.prototype; prototype = above(prototype)) {
    const { constructor } = prototype;
    if (/\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor)))
      hiddenIn(inside, `a ${constructor.name}`);
    for (const key of Reflect.ownKeys(constructor)) {
      const { value } = Reflect.getOwnPropertyDescriptor(constructor, key)!;
      if (!OF_CLASSES.has(key) && typeof value !== 'function')
        hiddenIn(inside, `${constructor.name}.${String(key)}, which all machines share`);
    }
    for (const key of Reflect.ownKeys(prototype)) {
      const { value, get } = Reflect.getOwnPropertyDescriptor(prototype, key)!;
      if (get === undefined && typeof value !== 'function')
        hiddenIn(inside, `${constructor.name}.prototype.${String(key)}, which all machines share`);
    }
  }
}

/** Kinds of objects, as they call themselves, of which a walk sees everything. */
const SEEN: ReadonlySet<string> = new Set(['Object', 'Array', 'Map', 'Set']);

/** What every class has. */
const OF_CLASSES: ReadonlySet<PropertyKey> = new Set(['length', 'name', 'prototype']);

function above(prototype: object): object | null {
  return Object.getPrototypeOf(prototype) as object | null;
}

/** Throws unless all fields of `o` are plain ones that a walk sees. */
function inspectFields(o: object, inside: Shape): void {
  if (types.isProxy(o)) hiddenIn(inside, 'a Proxy');
  const list = Array.isArray(o);
  const other = list || o instanceof Map || o instanceof Set;
  for (const key of Reflect.ownKeys(o)) {
    if (list && (key === 'length' || (typeof key === 'string' && /^\d+$/.test(key)))) continue;
    const what = `${inside.name}, ${String(key)}`;
    const { get, set, enumerable } = Reflect.getOwnPropertyDescriptor(o, key)!;
    if (typeof key === 'symbol') hiddenIn(inside, `a field called by a symbol (${what})`);
    if (get !== undefined || set !== undefined) hiddenIn(inside, `an accessor (${what})`);
    if (enumerable !== true) hiddenIn(inside, `a field that is not enumerable (${what})`);
    if (other) hiddenIn(inside, `a field of a ${o.constructor.name} (${what})`);
  }
}

function hiddenIn(inside: Shape, what: string): never {
  if (!inside.design) throw new UndeclaredState(`${inside.name} has ${what}`);
  throw new HiddenState(
    `${inside.name} keeps state in ${what}, where no search can see it; ${WAY_OUT}`,
  );
}

/** Throws: what `inside` keeps was frozen, sealed or stopped from growing while it was kept. */
export function frozenLater(inside: Shape): never {
  return hiddenIn(inside, 'an object that is frozen while it is kept');
}

/** Throws: what `inside` keeps may lose something, and nobody who comes back to a state can give that back. */
export function onlyShrinks(inside: Shape): never {
  return hiddenIn(inside, 'an object that may lose fields and gain none');
}

const WAY_OUT =
  'keep it in plain fields (numbers, texts, arrays, Map, Set, objects of the kernel or of classes of your own)';

function hidden(name: string, v: unknown): never {
  const what = typeof v === 'function' ? `a function (${v.name})` : `a ${typeof v}`;
  throw new HiddenState(
    `${name} keeps ${what} in a field, whose own state no search can see; ${WAY_OUT}`,
  );
}

function refused(name: string, v: unknown): never {
  throw new UndeclaredState(`a field of ${name} that is declared as state has a ${typeof v}`);
}
