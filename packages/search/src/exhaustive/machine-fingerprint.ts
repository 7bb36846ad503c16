// The shape of a machine in 64 bits. Names of objects do not matter: an object is known by the order in which a walk
// from the machine comes to it. So two machines that differ only in names have one fingerprint, and equal packets,
// pages and readers are symmetric. What of an object is state stands beside its class; below the design all is.
import {
  PAGE_SHIFT,
  PAGE_SIZE,
  type FieldKind,
  type Kernel,
  type SideField,
  type SlabObject,
  type StateSink,
} from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import { numberOf } from './constants.ts';
import {
  DESIGN,
  FALSE,
  MACHINE,
  NULL,
  OTHER,
  REFERENCE,
  TRUE,
  frozenLater,
  onlyShrinks,
  isOfMachine,
  shapeOf,
  type Shape,
  type Words,
} from './shapes.ts';

const UNDEFINED = 0x756e6465;
const TEXT = 0x74657874;
const BIG = 0x62696700;
const FRACTION = 0x66726163;
const HELD = 0x68656c64;
const WHICH = 0x77686900;

/** Walks that look at every object closely: so many at first, and then one in so many. */
const STRICT_FIRST = 16;
const STRICT_EVERY = 256;

/** The kinds of fields that a search tells states apart by, and those that tell what a run left behind. */
const OF_STATES: readonly FieldKind[] = ['state'];
const OF_RUNS: readonly FieldKind[] = ['state', 'moment', 'count'];

/** An object that some walk has come to, and what its fields referred to then. */
export interface Known {
  readonly o: object;
  readonly shape: Shape;
  readonly sites: Sites;
  /** It could be given something more when it was met first. */
  readonly grows: boolean;
  /** The last walk that came to it, and its number in that. */
  walk: number;
  number: number;
}

/** By field: what it referred to the last time. */
export type Sites = (Known | undefined)[];

/** So many are remembered: a search makes objects without end. */
const KNOWN_MAX = 1 << 14;
/** Contents of pages whose sums are known; a power of two. */
const PAGES_KNOWN = 32;

export class MachineFingerprint implements StateSink {
  lo = 0;
  hi = 0;
  private readonly kinds: readonly FieldKind[];
  /** Is what a design keeps state, too? */
  private readonly designs: boolean;
  /** Is every object looked at for fields that nobody declared, and for what no walk can see? */
  private strict = true;
  /** Number of the walk that is going on, or was the last. */
  walks = 0;
  private readonly known = new Map<object, Known>();
  private readonly shapes = new Map<object | null, Shape>();
  /** Objects that this walk has come to. */
  private met = 0;
  /** The link of a chain that is walked next. */
  private next: Known | null = null;
  /** Of the object that is being walked. */
  private inside: Shape = MACHINE;
  private sideFields: readonly SideField<SlabObject, unknown>[] = [];
  private mem: Uint8Array = new Uint8Array(0);
  private words: Int32Array = new Int32Array(0);
  private buffer: Buffer = Buffer.alloc(0);
  /** The sums over bytes. */
  private a = 0;
  private b = 0;
  private readonly pages: (
    { readonly bytes: Buffer; readonly a: number; readonly b: number } | undefined
  )[] = [];

  constructor(designs = true) {
    this.designs = designs;
    this.kinds = designs ? OF_STATES : OF_RUNS;
  }

  /**
   * Takes the fingerprint of all that can matter to what the cell does next; `extra` goes in too. Throws UndeclaredState
   * for a field of the machine that is not declared, HiddenState for what a design keeps where no walk can see it.
   */
  of(cell: Cell, extra: number): void {
    this.strict = this.walks < STRICT_FIRST || this.walks % STRICT_EVERY === 0;
    this.walk(cell, extra);
  }

  /** Looks at every object of the machine closely; throws as `of` does. */
  inspect(cell: Cell): void {
    this.strict = true;
    this.walk(cell, 0);
  }

  private walk(cell: Cell, extra: number): void {
    const { k, judge, scenario } = cell;
    this.begin(k);
    this.number(extra);
    this.value(k);
    this.value(scenario.participants);
    judge.remembered(this);
  }

  /** Takes what holders and producers have, times and counts too, and nothing of a design: what a run left behind. */
  machine(k: Kernel): void {
    this.strict = false;
    this.begin(k);
    this.number(k.agenda.now); // what may still happen is not what happened: an idle timer more changes nothing
    this.number(k.releases);
    this.number(k.allocations);
    this.value(k.holders);
    this.value(k.producers);
    this.forget(); // the run is over, and another machine comes
  }

  private begin(k: Kernel): void {
    this.lo = 0x2545f491;
    this.hi = 0x6c8e9cf5;
    this.walks++;
    this.met = 0;
    if (this.known.size > KNOWN_MAX) this.forget();
    this.sideFields = k.sideFields;
    this.inside = MACHINE;
    if (this.mem === k.mem) return;
    this.mem = k.mem;
    this.words = new Int32Array(k.mem.buffer, k.mem.byteOffset, k.mem.length >> 2);
    this.buffer = Buffer.from(k.mem.buffer, k.mem.byteOffset, k.mem.length);
  }

  number(v: number): void {
    const whole = v | 0;
    if (Object.is(whole, v)) this.mix(whole, whole);
    else this.fraction(v);
  }

  /** Something that is no number, and not the number that stands for it either. */
  other(word: number): void {
    this.mix(word, word ^ OTHER);
  }

  /** A text by a word of each of two sums: that two texts agree in both is no likelier than that two states do. */
  named({ one, other }: Words): void {
    this.mix(one, other);
  }

  private mix(x: number, y: number): void {
    let lo = Math.imul(this.lo ^ x, 0x9e3779b1);
    lo = (lo << 13) | (lo >>> 19);
    const hi = Math.imul(this.hi + y, 0x85ebca6b) ^ lo;
    this.lo = (lo + Math.imul(hi, 5)) | 0;
    this.hi = (hi << 17) | (hi >>> 15);
  }

  /** A number that is no whole one of 32 bits, 0 with a sign among them: its halves, and not the numbers that these are. */
  private fraction(v: number): void {
    DOUBLE[0] = v;
    this.other(FRACTION);
    this.mix(HALVES[0]!, HALVES[0]!);
    this.mix(HALVES[1]!, HALVES[1]!);
  }

  /** Which constant it is; and of a design: whether `o` may grow, lose something, or change. Who could once and may not any more cannot go back. */
  held(o: object): void {
    this.which(o);
    if (!this.inside.design || Object.isExtensible(o)) return;
    if (this.known.get(o)?.grows !== false) frozenLater(this.inside);
    if (!Object.isSealed(o)) onlyShrinks(this.inside);
    this.other(HELD + (Object.isFrozen(o) ? 2 : 1));
  }

  /** Which constant, or which class, if there may be others that are alike. */
  which(o: object): void {
    const number = numberOf(o);
    if (number !== 0) this.other(WHICH + number);
  }

  bytes(at: number, size: number): void {
    if (size === PAGE_SIZE) this.page(at);
    else this.sum(at, size);
    this.number(this.a);
    this.number(this.b);
  }

  /** Pages hold the same bytes in most states. */
  private page(at: number): void {
    const { buffer, pages } = this;
    const slot = (this.words[at >> 2]! ^ (at >> PAGE_SHIFT)) & (PAGES_KNOWN - 1);
    const known = pages[slot];
    if (
      known !== undefined &&
      buffer.compare(known.bytes, 0, PAGE_SIZE, at, at + PAGE_SIZE) === 0
    ) {
      this.a = known.a;
      this.b = known.b;
      return;
    }
    this.sum(at, PAGE_SIZE);
    const { a, b } = this;
    const bytes = known?.bytes ?? Buffer.alloc(PAGE_SIZE);
    buffer.copy(bytes, 0, at, at + PAGE_SIZE);
    pages[slot] = { bytes, a, b };
  }

  private sum(at: number, size: number): void {
    const { mem, words } = this;
    let i = at;
    const end = at + size;
    let a = size | 0;
    let b = 0x1b873593;
    for (; i < end && (i & 3) !== 0; i++) a = Math.imul(a ^ mem[i]!, 0x01000193);
    for (; i + 4 <= end; i += 4) {
      a = Math.imul(a ^ words[i >> 2]!, 0xcc9e2d51);
      a = (a << 15) | (a >>> 17);
      b = Math.imul(b + a, 5) ^ (b >>> 13);
    }
    for (; i < end; i++) a = Math.imul(a ^ mem[i]!, 0x01000193);
    this.a = a;
    this.b = b;
  }

  byteAt(at: number): number {
    return this.mem[at]!;
  }

  design(v: unknown): void {
    if (!this.designs) return;
    const before = this.inside;
    this.inside = DESIGN;
    this.value(v);
    this.inside = before;
  }

  /** What the design added to this object. */
  added(o: SlabObject): void {
    for (let i = 0; i < this.sideFields.length; i++) this.design(this.sideFields[i]!.of(o));
  }

  value(v: unknown): void {
    switch (typeof v) {
      case 'number':
        this.number(v);
        return;
      case 'boolean':
        this.other(v ? TRUE : FALSE);
        return;
      case 'string':
        this.other(TEXT);
        this.text(v);
        return;
      case 'object':
        if (v === null) this.other(NULL);
        else this.object(this.knownOf(v));
        return;
      case 'undefined':
        this.other(UNDEFINED);
        return;
      case 'bigint':
        this.other(BIG);
        this.text(`${v}`);
        return;
      default:
        if (this.designs) this.inside.refuse(v);
    }
  }

  private text(v: string): void {
    this.number(v.length);
    for (let i = 0; i < v.length; i++) this.number(v.charCodeAt(i));
  }

  /** Where designs do not count, neither do objects that they put where the machine keeps its own. */
  private shapeOf(o: object): Shape {
    if (this.designs || isOfMachine(o)) return shapeOf(o, this.inside, this.kinds);
    return MACHINE;
  }

  /**
   * What the `nth` field of an object refers to. `sites` remembers what it was the last time, as most references stay
   * what they are.
   */
  field(v: unknown, sites: Sites, nth: number): void {
    if (typeof v === 'number') this.number(v);
    else if (typeof v === 'object' && v !== null) this.object(this.at(v, sites, nth));
    else this.value(v);
  }

  /** The same for what comes behind an object in a chain, the last thing that its walk says: a queue is longer than any stack. */
  behind(v: unknown, sites: Sites, nth: number): void {
    if (typeof v === 'object' && v !== null) this.next = this.at(v, sites, nth);
    else this.value(v);
  }

  private at(o: object, sites: Sites, nth: number): Known {
    const last = sites[nth];
    return last !== undefined && last.o === o ? last : (sites[nth] = this.knownOf(o));
  }

  private knownOf(o: object): Known {
    let one = this.known.get(o);
    if (one === undefined) {
      const kind = Object.getPrototypeOf(o) as object | null;
      let shape = this.shapes.get(kind);
      if (shape === undefined) {
        shape = this.shapeOf(o);
        this.shapes.set(kind, shape);
      }
      one = { o, shape, sites: [], grows: Object.isExtensible(o), walk: -1, number: 0 };
      this.known.set(o, one);
    }
    return one;
  }

  /** Lets go of all objects that it remembers: most are gone by now, or their machine is. */
  forget(): void {
    for (const one of this.known.values()) one.sites.length = 0;
    this.known.clear();
  }

  private object(first: Known): void {
    for (let one: Known | null = first; one !== null; one = this.next) {
      this.next = null;
      if (one.walk === this.walks) this.mix(one.number, one.number ^ REFERENCE);
      else this.one(one);
    }
  }

  /** Walks an object that this walk has not come to yet. */
  protected one(known: Known): void {
    const { o, shape, sites } = known;
    known.walk = this.walks;
    known.number = 0x100 + this.met++;
    if (this.strict) shape.inspect(o, this.inside);
    if (shape.passes) {
      shape.walk(o, this, sites);
      return;
    }
    const before = this.inside;
    this.inside = shape;
    shape.walk(o, this, sites);
    this.inside = before;
  }
}

const DOUBLE = new Float64Array(1);
const HALVES = new Int32Array(DOUBLE.buffer);
