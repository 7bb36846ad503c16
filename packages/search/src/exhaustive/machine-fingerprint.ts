// The shape of a machine in 64 bits. Names of objects do not matter: slots, addresses, serial numbers and
// moments are left out, and an object is known by the order in which a walk from the roots comes to it. So two
// machines that differ only in names have one fingerprint, and equal packets, pages and readers are symmetric.
// What is left out stands in shapes.ts; everything else that a machine holds as data takes part, by reflection,
// so that a new field of the model is never forgotten.
import type { SideField, SlabObject } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import { shapeOf, type Shape } from './shapes.ts';

const NULL = 0x6e756c6c;
const UNDEFINED = 0x756e6465;
const TRUE = 0x74727565;
const FALSE = 0x66616c73;

export class MachineFingerprint {
  lo = 0;
  hi = 0;
  /** In the order of the walk. */
  private readonly numbers = new Map<object, number>();
  private readonly shapes = new Map<unknown, Shape>();
  private sideFields: readonly SideField<SlabObject, unknown>[] = [];
  private mem: Uint8Array = new Uint8Array(0);
  private words: Int32Array = new Int32Array(0);

  /** Takes the fingerprint of all that can matter to what the cell does next; `extra` goes in too. */
  of(cell: Cell, extra: number): void {
    const { k, judge, scenario } = cell;
    this.lo = 0x2545f491;
    this.hi = 0x6c8e9cf5;
    this.numbers.clear();
    this.sideFields = k.sideFields;
    if (this.mem !== k.mem) {
      this.mem = k.mem;
      this.words = new Int32Array(k.mem.buffer, k.mem.byteOffset, k.mem.length >> 2);
    }
    this.number(extra);
    this.number(k.failIn);
    this.value(k.deviceFaults);
    const { agenda } = k;
    for (let place = 0; place < agenda.sources.length; place++) {
      this.number(agenda.isArmed(place) ? 1 : 0);
      this.value(agenda.sources[place]);
    }
    this.value(k.holders);
    this.value(k.producers);
    this.value(k.lifetime);
    this.value(scenario.participants);
    judge.remembered(this);
  }

  number(v: number): void {
    const whole = v | 0;
    let lo = Math.imul(this.lo ^ whole, 0x9e3779b1);
    lo = (lo << 13) | (lo >>> 19);
    const hi = Math.imul(this.hi + whole, 0x85ebca6b) ^ lo;
    this.lo = (lo + Math.imul(hi, 5)) | 0;
    this.hi = (hi << 17) | (hi >>> 15);
    if (whole !== v) this.number(Math.trunc(v / 0x100000000) ^ Math.imul((v % 1) * 0x40000000, 3));
  }

  /** Bytes of the machine's memory. */
  bytes(at: number, size: number): void {
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
    this.number(a);
    this.number(b);
  }

  /** One byte of the machine's memory that several places of the walk pick singly. */
  byteAt(at: number): number {
    return this.mem[at]!;
  }

  /** What the design added to this object. */
  added(o: SlabObject): void {
    for (let i = 0; i < this.sideFields.length; i++) this.value(this.sideFields[i]!.get(o));
  }

  value(v: unknown): void {
    switch (typeof v) {
      case 'number':
        this.number(v);
        return;
      case 'boolean':
        this.number(v ? TRUE : FALSE);
        return;
      case 'string':
        for (let i = 0; i < v.length; i++) this.number(v.charCodeAt(i));
        this.number(v.length);
        return;
      case 'object':
        if (v === null) this.number(NULL);
        else this.object(v);
        return;
      case 'undefined':
        this.number(UNDEFINED);
        return;
      default: // a function: code, not state
    }
  }

  private object(o: object): void {
    const known = this.numbers.get(o);
    if (known !== undefined) {
      this.number(known);
      return;
    }
    const kind = o.constructor;
    let shape = this.shapes.get(kind);
    if (shape === undefined) {
      shape = shapeOf(o);
      this.shapes.set(kind, shape);
    }
    if (shape.ignored) return;
    this.numbers.set(o, this.numbers.size + 0x100);
    shape.walk(o, this);
  }
}
