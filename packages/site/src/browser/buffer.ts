// Buffer as the model needs it: the package of that name, with what it lacks, and without a copy that it makes.
import { Buffer } from 'buffer';

// The encoding that tokens are written in.
const BASE64URL = 'base64url';
const from = Buffer.from.bind(Buffer);
const methods = Buffer.prototype as {
  toString: (encoding?: string, ...range: number[]) => string;
  compare: Compare;
};
const { toString } = methods;

methods.toString = function (encoding, ...range) {
  if (encoding !== BASE64URL) return toString.call(this, encoding, ...range);
  return toString.call(this, 'base64').replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
};

Buffer.from = ((value: string, encoding?: string, ...rest: never[]) =>
  encoding === BASE64URL
    ? from(value.replaceAll('-', '+').replaceAll('_', '/'), 'base64')
    : from(value as never, encoding as never, ...rest)) as typeof Buffer.from;

type Compare = (
  this: Uint8Array,
  target: Uint8Array,
  from?: number,
  to?: number,
  ownFrom?: number,
  ownTo?: number,
) => number;

/** The package copies a `target` that is a plain Uint8Array; here that is all of a machine's memory, at every read. */
const compare: Compare = function (
  this: Uint8Array,
  target,
  from = 0,
  to = target.length,
  ownFrom = 0,
  ownTo = this.length,
) {
  const size = Math.min(to - from, ownTo - ownFrom);
  for (let i = sameWords(this, ownFrom, target, from, size); i < size; i++) {
    const difference = this[ownFrom + i]! - target[from + i]!;
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return Math.sign(ownTo - ownFrom - (to - from));
};
methods.compare = compare;

const words = new WeakMap<ArrayBufferLike, Int32Array>();

/** All of a view's memory by words, as far as whole ones go. */
function wordsOf({ buffer }: Uint8Array): Int32Array {
  let known = words.get(buffer);
  if (known === undefined)
    words.set(buffer, (known = new Int32Array(buffer, 0, buffer.byteLength >> 2)));
  return known;
}

/** So many bytes from the start are equal, by whole words; 0 where words do not lie alike. */
function sameWords(
  a: Uint8Array,
  aFrom: number,
  b: Uint8Array,
  bFrom: number,
  size: number,
): number {
  const aAt = a.byteOffset + aFrom;
  const bAt = b.byteOffset + bFrom;
  if (size < 32 || ((aAt | bAt) & 3) !== 0) return 0;
  const [left, right] = [wordsOf(a), wordsOf(b)];
  const [at, from] = [aAt >> 2, bAt >> 2];
  let n = 0;
  for (const whole = size >> 2; n < whole && left[at + n] === right[from + n];) n++;
  return n << 2;
}

export { Buffer };
