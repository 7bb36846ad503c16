// What a candidate keeps has to stand in the open: in fields that a walk sees, of classes that somebody wrote down.
import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { classText } from '@lastref/search';
import { Broken } from '../candidates/rules.ts';
import { isShared, sharedName } from '../candidates/shared.ts';

/** A list, a map or a set of the language itself, with nothing beside its content. */
export function mustBePlain(o: object): void {
  const prototype = Object.getPrototypeOf(o) as object | null;
  const own = [Array.prototype, Map.prototype, Set.prototype] as (object | null)[];
  if (!own.includes(prototype)) hidden('a class that extends Array, Map or Set');
}

/** Whatever prototype it was given: nothing of the language's that has a value beside its fields. */
export function mustBeOrdinary(o: object): void {
  const more =
    types.isBoxedPrimitive(o) ||
    types.isDate(o) ||
    types.isRegExp(o) ||
    types.isMap(o) ||
    types.isSet(o) ||
    types.isAnyArrayBuffer(o) ||
    ArrayBuffer.isView(o) ||
    types.isPromise(o) ||
    types.isNativeError(o);
  if (more) hidden('an object of the language that has a value beside its fields');
}

type Extent = Pick<Int32Array, 'buffer' | 'byteOffset' | 'byteLength' | 'length'>;

/** Where an array of numbers says what it is. */
const SAYS = Object.getOwnPropertyDescriptors(
  Object.getPrototypeOf(Uint8Array.prototype) as Extent,
) as Record<keyof Extent, { get(this: object): never }>;

/** As the language has it: a class may have fields of these names, that say what they like. */
function extentOf(all: ArrayBufferView): Extent {
  return {
    buffer: SAYS.buffer.get.call(all),
    byteOffset: SAYS.byteOffset.get.call(all),
    byteLength: SAYS.byteLength.get.call(all),
    length: SAYS.length.get.call(all),
  };
}

/** The bytes of an array of numbers, which has those and nothing else. */
export function bytesOf(all: ArrayBufferView, kind: string): Uint8Array {
  const { buffer, byteOffset, byteLength, length } = extentOf(all);
  if (byteOffset !== 0 || buffer.byteLength !== byteLength)
    hidden(`a ${kind} that is a part of a buffer`);
  if (Reflect.ownKeys(all).length !== length) hidden(`a field of a ${kind}`);
  if (!OF_NUMBERS.has((Object.getPrototypeOf(all) as object).constructor))
    hidden(`a class that extends ${kind}`);
  mustBeBytes(buffer, kind);
  return new Uint8Array(buffer);
}

/** The buffer of an array of numbers is those numbers, and cannot become others. */
function mustBeBytes(buffer: ArrayBufferLike, kind: string): void {
  const { resizable, detached } = buffer as { readonly resizable?: boolean; detached?: boolean };
  if (detached === true) hidden(`a ${kind} whose buffer was given away`);
  if (resizable === true) hidden(`a ${kind} that can grow`);
  const own = Object.getPrototypeOf(buffer) !== ArrayBuffer.prototype;
  if (own || Reflect.ownKeys(buffer).length > 0 || !Object.isExtensible(buffer))
    hidden(`the buffer of a ${kind}`);
}

/** What may not happen to it any more: 0 nothing. */
export function heldBack(o: object): number {
  if (Object.isExtensible(o)) return 0;
  if (!Object.isSealed(o)) return 1;
  return Object.isFrozen(o) ? 3 : 2;
}

/** '07' is a field of a list, and no place in it. */
function isIndex(key: string, length: number): boolean {
  return `${Number(key)}` === key && Number(key) < length;
}

/**
 * Each of its fields is one that a walk sees, and may be written and deleted as any other: what may be done with a field is
 * no value of it.
 */
export function mustShowAll(o: object, held: number): void {
  if (ArrayBuffer.isView(o)) return; // looked at with their buffer
  const list = Array.isArray(o);
  const other = list || o instanceof Map || o instanceof Set;
  for (const key of Reflect.ownKeys(o)) {
    if (typeof key === 'symbol') hidden('a field called by a symbol');
    const length = list && key === 'length';
    if (other && !length && !(list && isIndex(key, o.length)))
      hidden(`a field of a list, a map or a set (${key})`);
    const field = Reflect.getOwnPropertyDescriptor(o, key)!;
    if (!('value' in field)) hidden(`an accessor (${key})`);
    if (length ? field.enumerable === true : field.enumerable !== true)
      hidden(`a field that is not enumerable (${key})`);
    if (field.writable !== held < 3 || (!length && field.configurable !== held < 2))
      hidden(`what may be done with a field (${key})`);
  }
}

const BARE = '-';
const PLAIN = '';

const OF_NUMBERS: ReadonlySet<unknown> = new Set([
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]);

/**
 * By what its class does and which one it is, as two that do the same are two to `instanceof`: nothing of a plain object; else a
 * sum that two texts do not share.
 */
export function classOf(o: object): string {
  const prototype = Object.getPrototypeOf(o) as object | null;
  if (prototype === null) return BARE;
  if (prototype === Object.prototype) return PLAIN;
  const { constructor } = prototype;
  if (typeof constructor !== 'function' || constructor.prototype !== prototype)
    hidden('an object whose prototype is that of no class');
  if (!isShared(constructor) && !OF_NUMBERS.has(constructor))
    hidden(`an object of a class that was made while it ran (${constructor.name})`);
  return sumOf(constructor);
}

const sums = new WeakMap<object, string>();

function sumOf(kind: object): string {
  let sum = sums.get(kind);
  if (sum === undefined) {
    const text = `${sharedName(kind) ?? ''}\n${classText(kind)}`;
    sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
    sums.set(kind, sum);
  }
  return sum;
}

export function hidden(what: string): never {
  throw new Broken('', `it keeps state in ${what}, where no search can see it`, 'state');
}
