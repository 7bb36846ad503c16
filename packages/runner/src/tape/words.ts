// A tape: all that a candidate said in a run, as 32-bit words, in the order in which it was said. One process writes it
// while the candidate plays; another one, where none of the candidate's code is, reads it and plays the run again.

/** What a group of words is. */
export const Word = {
  /** The candidate was loaded: its card, as JSON. */
  CARD: 1,
  /** A machine is made: `create` begins. */
  CREATE: 2,
  /** A hook is asked: number of the machine, of the hook, its arguments. */
  HOOK: 3,
  /** It calls a service: number, arguments. */
  SERVICE: 4,
  /** And that gave: a word, 0 for nothing. */
  GAVE: 5,
  /** It wrote to a field of a struct that is its own to write to: which, of what, the value. */
  WRITE: 6,
  /** A hook, or `create`, returns: the answer. */
  ANSWER: 7,
  /** -ENOMEM comes out of a service, or of a hook. */
  NO_MEMORY: 8,
  /** The candidate broke a rule: place, rule, what. */
  FAULT: 9,
  /** What it remembers is this, or still that. */
  STATE: 10,
  SAME: 11,
  /** The run of this cell is over. */
  END: 12,
  /** Its time is over (1), or not yet (0). */
  CLOCK: 13,
  /** It looks at something that is different where somebody has not read or sent yet, for the first time. */
  SEES: 14,
} as const;

/** In place of an object: there is none. */
export const NOTHING = -1;

/** How many units of UTF-16 a text of a tape has at most, unless it is said: a card has several long texts. */
export const TEXT_MAX = 1 << 16;

/** Words before each part of a tape: the cell that it belongs to, and its words. */
export const HEAD_WORDS = 2;

/** Words of a part. */
export const PART_WORDS = 1 << 14;

export interface Sink {
  put(word: number): void;
}

export interface Spring {
  next(): number;
}

/** A text: its length, and two units to a word. */
export function putText(to: Sink, text: string): void {
  to.put(text.length);
  for (let i = 0; i < text.length; i += 2)
    to.put(text.charCodeAt(i) | ((text.charCodeAt(i + 1) || 0) << 16));
}

/** null: it is longer than a text may be, or has a negative length. */
export function takeText(from: Spring, max = TEXT_MAX): string | null {
  const length = from.next();
  if (length < 0 || length > max) return null;
  const units = new Uint16Array(length + 1);
  for (let i = 0; i < length; i += 2) {
    const word = from.next();
    units[i] = word & 0xffff;
    units[i + 1] = word >>> 16;
  }
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(units[i]!);
  return text;
}

const DOUBLE = new Float64Array(1);
const HALVES = new Int32Array(DOUBLE.buffer);

export function putDouble(to: Sink, v: number): void {
  DOUBLE[0] = v;
  to.put(HALVES[0]!);
  to.put(HALVES[1]!);
}

export function takeDouble(from: Spring): number {
  HALVES[0] = from.next();
  HALVES[1] = from.next();
  return DOUBLE[0]!;
}
