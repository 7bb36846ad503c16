// The states that a search has seen: open addressing on typed arrays, 64 bits a state.
// Whether those 64 bits are the whole state or a fingerprint of it is the caller's business: a fingerprint
// may merge two states, with a chance of about n² / 2⁶⁵ over n states.

/** How likely it is that some two of `states` states have the same 64 bits (at most). */
export function collisionChance(states: number): number {
  return (states * states) / 2 ** 65;
}

/** Slots of an empty set; a power of two, as every later size. */
const SLOTS_MIN = 1024;
/** Keys that an index has room for at first. */
const KEYS_MIN = 512;

/** Spreads the bits of a key: packed states differ in few of them. */
export function mix(hi: number, lo: number): number {
  let h = Math.imul(lo ^ (lo >>> 15), 0x2c1b3c6d) ^ Math.imul(hi ^ (hi >>> 17), 0x297a2d39);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** So much of a table may be taken, so that no probe gets long. */
const FULL = 0.6;

/** The same of slots that are small: more stand in one line of a cache. */
const FULLER = 0.75;

/** Slots for `states` keys. */
function slotsFor(states: number, full: number): number {
  let slots = SLOTS_MIN;
  while (slots * full < states) slots *= 2;
  return slots;
}

/** Room for a list that `length` is not enough for: doubling copies less often, and more stands empty. */
export function roomier(length: number): number {
  return length + (length >> 3) + 1;
}

/** Keys of 64 bits that were met before. */
export class VisitedSet {
  /** Keys in the set. */
  size = 0;
  private mask: number;
  /** Two words a slot, low then high; both 0 is an empty slot. */
  private keys: Int32Array;
  /** The key 0 has no slot of its own. */
  private zero = false;
  private room: number;

  /** An empty set that grows only after `expected` keys. */
  constructor(expected = 0) {
    const slots = slotsFor(expected, FULL);
    this.keys = new Int32Array(2 * slots);
    this.mask = slots - 1;
    this.room = Math.floor(slots * FULL);
  }

  /** Bytes that the table takes. */
  get bytes(): number {
    return this.keys.byteLength;
  }

  /** Puts the key of these two words in; false: it was there. Doubles the table when it is full. */
  add(hi: number, lo: number): boolean {
    hi |= 0;
    lo |= 0;
    if ((hi | lo) === 0) return this.addZero();
    const { keys, mask } = this;
    let at = (mix(hi, lo) & mask) << 1;
    for (;;) {
      const low = keys[at]!;
      const high = keys[at + 1]!;
      if (low === lo && high === hi) return false;
      if ((low | high) === 0) break;
      at = (at + 2) & (2 * mask + 1);
    }
    keys[at] = lo;
    keys[at + 1] = hi;
    if (++this.size > this.room) this.grow();
    return true;
  }

  /** Is the key of these two words in? */
  has(hi: number, lo: number): boolean {
    hi |= 0;
    lo |= 0;
    if ((hi | lo) === 0) return this.zero;
    const { keys, mask } = this;
    let at = (mix(hi, lo) & mask) << 1;
    for (;;) {
      const low = keys[at]!;
      const high = keys[at + 1]!;
      if (low === lo && high === hi) return true;
      if ((low | high) === 0) return false;
      at = (at + 2) & (2 * mask + 1);
    }
  }

  private addZero(): boolean {
    if (this.zero) return false;
    this.zero = true;
    this.size++;
    return true;
  }

  private grow(): void {
    const old = this.keys;
    const slots = old.length; // twice as many: a slot takes two words
    const keys = new Int32Array(2 * slots);
    const mask = slots - 1;
    for (let i = 0; i < old.length; i += 2) {
      const lo = old[i]!;
      const hi = old[i + 1]!;
      if ((lo | hi) === 0) continue;
      let at = (mix(hi, lo) & mask) << 1;
      while ((keys[at]! | keys[at + 1]!) !== 0) at = (at + 2) & (2 * mask + 1);
      keys[at] = lo;
      keys[at + 1] = hi;
    }
    this.keys = keys;
    this.mask = mask;
    this.room = Math.floor(slots * FULL);
  }
}

/** Numbers keys of 64 bits in the order in which they are met: 0, 1, 2, … */
export class VisitedIndex {
  /** Keys met, which is the number that the next new one gets. */
  size = 0;
  private mask: number;
  /** Number of the key in each slot, plus one; 0 is an empty slot. */
  private slots: Int32Array;
  /** Two words a key, low then high, by number. */
  private keys: Int32Array;
  private room: number;

  /** An empty index that grows only after `expected` keys. */
  constructor(expected = 0) {
    const slots = slotsFor(expected, FULLER);
    this.slots = new Int32Array(slots);
    this.mask = slots - 1;
    this.room = Math.floor(slots * FULLER);
    this.keys = new Int32Array(2 * Math.max(expected, KEYS_MIN));
  }

  /** Bytes that the tables take. */
  get bytes(): number {
    return this.slots.byteLength + this.keys.byteLength;
  }

  /** The number of the key of these two words; it is new if `size` grew, its number then the last one. */
  add(hi: number, lo: number): number {
    hi |= 0;
    lo |= 0;
    const { slots, keys, mask } = this;
    let at = mix(hi, lo) & mask;
    for (;;) {
      const number = slots[at]! - 1;
      if (number < 0) break;
      if (keys[2 * number] === lo && keys[2 * number + 1] === hi) return number;
      at = (at + 1) & mask;
    }
    const number = this.size++;
    slots[at] = number + 1;
    if (2 * number === keys.length) this.lengthen();
    this.keys[2 * number] = lo;
    this.keys[2 * number + 1] = hi;
    if (this.size > this.room) this.grow();
    return number;
  }

  /** The high and the low word of a key, by number. */
  hiOf(number: number): number {
    return this.keys[2 * number + 1]!;
  }

  loOf(number: number): number {
    return this.keys[2 * number]!;
  }

  private lengthen(): void {
    const { keys } = this;
    this.keys = new Int32Array(2 * roomier(keys.length >> 1));
    this.keys.set(keys);
  }

  private grow(): void {
    const { keys, size } = this;
    const count = 2 * this.slots.length;
    const mask = count - 1;
    const slots = new Int32Array(count);
    for (let number = 0; number < size; number++) {
      let at = mix(keys[2 * number + 1]!, keys[2 * number]!) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
    this.slots = slots;
    this.mask = mask;
    this.room = Math.floor(count * FULLER);
  }
}
