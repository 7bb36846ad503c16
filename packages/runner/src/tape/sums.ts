// Sums by which two processes find out whether their machines are the same. A candidate can write whatever it likes into its
// own, so the sums have a key that both know and no candidate comes at: of a sum that it knows, it would find what else has
// the same one.

/** Without a key, as in tests of one process. */
let one = 0x9e3779b1 | 0;
let other = 0x85ebca6b | 0;
/** Tells what is no number from the number that stands for it. */
let third = 0x5bd1e995;

/** Texts are names of fields and classes, mostly; there are few of them. */
const texts = new Map<string, number>();
const TEXTS_MAX = 1 << 14;

/** From here on the sums of this thread are those of this key. */
export function keySums(first: number, second: number): void {
  one = first | 1;
  other = second | 1;
  third = Math.imul(first ^ (second >>> 1), 0x5bd1e995);
  texts.clear();
}

/** Where a sum begins. */
export function emptySum(): number {
  return other;
}

/**
 * `sum` with one word more. Two products by the key: of one alone a changed highest bit stays one bit, and the next word, with
 * that bit changed, takes it back.
 */
export function mixed(sum: number, word: number): number {
  const x = Math.imul(sum ^ word, one);
  return Math.imul(x ^ (x >>> 15), other);
}

/** The same with what is no number: a text, a flag, an object. */
export function mixedOther(sum: number, word: number): number {
  return mixed(sum ^ third, word);
}

export function sumOfText(text: string): number {
  let sum = texts.get(text);
  if (sum === undefined) {
    sum = mixed(emptySum(), text.length);
    for (let i = 0; i < text.length; i++) sum = mixed(sum, text.charCodeAt(i));
    if (texts.size < TEXTS_MAX) texts.set(text, sum);
  }
  return sum;
}

const DOUBLE = new Float64Array(1);
const HALVES = new Int32Array(DOUBLE.buffer);

/** `sum` with a number more; 0 with a sign is another one. */
export function mixedNumber(sum: number, v: number): number {
  if (Object.is(v | 0, v)) return mixed(sum, v);
  DOUBLE[0] = v;
  return mixed(mixed(mixedOther(sum, FRACTION), HALVES[0]!), HALVES[1]!);
}

/** A number that is no whole one of 32 bits comes. */
const FRACTION = 0x66726163;

/** Bytes that are summed up at a time. */
const PIECE = 4096;

/** The bytes of a list of numbers: pieces are summed up anew that are not as they were. */
export class Bytes {
  #seen = Buffer.alloc(0);
  #sums = new Int32Array(0);

  /** Where the last piece ends may be anywhere. */
  sum({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    const now = Buffer.from(buffer, byteOffset, byteLength);
    const known = now.length === this.#seen.length;
    if (!known) {
      this.#seen = Buffer.alloc(byteLength);
      this.#sums = new Int32Array(Math.ceil(byteLength / PIECE));
    }
    const seen = this.#seen;
    let sum = mixed(emptySum(), byteLength);
    for (let at = 0, n = 0; at < byteLength; at += PIECE, n++) {
      const end = Math.min(at + PIECE, byteLength);
      if (!known || now.compare(seen, at, end, at, end) !== 0) {
        now.copy(seen, at, at, end);
        this.#sums[n] = sumOfBytes(seen, at, end);
      }
      sum = mixed(sum, this.#sums[n]!);
    }
    return sum;
  }
}

/** Four sums side by side, which a processor makes at a time. */
function sumOfBytes(bytes: Buffer, from: number, end: number): number {
  const whole = end - ((end - from) & 3);
  const at = bytes.byteOffset + from;
  let rest = emptySum();
  for (let i = whole; i < end; i++) rest = mixed(rest, bytes[i]!);
  if ((at & 3) !== 0) {
    for (let i = from; i < whole; i++) rest = mixed(rest, bytes[i]!);
    return rest;
  }
  const words = new Int32Array(bytes.buffer, at, (whole - from) >> 2);
  let [a, b, c, d] = [rest, rest, rest, rest];
  let i = 0;
  for (; i + 3 < words.length; i += 4) {
    a = mixed(a, words[i]!);
    b = mixed(b, words[i + 1]!);
    c = mixed(c, words[i + 2]!);
    d = mixed(d, words[i + 3]!);
  }
  for (; i < words.length; i++) a = mixed(a, words[i]!);
  return mixed(mixed(mixed(a, b), c), d);
}
