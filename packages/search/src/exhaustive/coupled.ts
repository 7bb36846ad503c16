// Does a design know something that changes, and that stands with no object of the machine? Then it may be what two hosts have
// in common: what one does could depend on what the other has done, whatever the wires between them are like.
import {
  Cost,
  Life,
  Side,
  SideField,
  SkbFrag,
  declaredOf,
  type Kernel,
  type ZerocopyQueue,
} from '@lastref/kernel';
import { mayHaveHanging, pushLinked, pushWritten, type Hanging } from './hanging.ts';

/** Lists within lists that are looked into: what is deeper counts as something else each time. */
const DEEP = 5;

const SIDES = Object.values(Side);

/**
 * Where something stands for a design that is elsewhere: a number for what that knows beside objects of the machine, another one
 * for something else.
 */
export const KNOWN: unique symbol = Symbol('what a design knows');

/**
 * There, too: has it looked, in any run, at something that is different where a program has not read yet, or a device has not sent?
 * What waits there shows in the memory of its socket, in who comes behind a packet, and in who else has its data or its pages.
 */
export const SEES: unique symbol = Symbol('whether a design sees what waits');

/** Has a design that is elsewhere looked at what waits? */
export function sees({ lifetime }: Kernel): boolean {
  return SEES in lifetime && lifetime[SEES] === true;
}

/** Thrown by a search that took steps of two hosts for independent. */
export class HostsAreCoupled extends Error {
  /** The design learns something, or tells, at the host that lends nothing. */
  readonly there: boolean;

  constructor(there: boolean) {
    super('what one host does may depend on what the other does');
    this.there = there;
  }
}

export class DesignLook {
  readonly k: Kernel;
  private before: unknown[] = [];
  private now: unknown[] = [];
  private told = 0;
  /** Objects of the machine that this look came to. */
  private readonly reached: Hanging[] = [];

  constructor(k: Kernel) {
    this.k = k;
  }

  /** Before a step. */
  take(): void {
    this.before.length = 0;
    this.look(this.before);
    this.told = this.news();
  }

  /** The design knows something else than before the step. */
  get differs(): boolean {
    const { before, now } = this;
    now.length = 0;
    this.look(now);
    if (now.length !== before.length) return true;
    for (let i = 0; i < now.length; i++) if (!Object.is(now[i], before[i])) return true;
    return false;
  }

  /** Some producer was told since, or is to be told when it reads its queue: a step at another host reads none. */
  get tells(): boolean {
    return this.news() !== this.told;
  }

  private news(): number {
    const { cost, zerocopyQueues } = this.k;
    let all = 0;
    for (const side of SIDES) all += cost[side + Cost.COMPLETIONS]!;
    for (const queue of zerocopyQueues) if (queue !== undefined) all = pendingIn(queue, all);
    return all;
  }

  private look(out: unknown[]): void {
    const { lifetime } = this.k;
    if (KNOWN in lifetime) {
      out.push(Reflect.get(lifetime, KNOWN));
      return;
    }
    this.reached.length = 0;
    for (const key in lifetime) this.inside(Reflect.get(lifetime, key), DEEP, out);
    // what these lead to stands behind them in the list
    for (let i = 0; i < this.reached.length; i++) this.hanging(this.reached[i]!, out);
  }

  /** A list, a record and whatever else a design makes are what is in them; an object of the machine is itself. */
  private inside(v: unknown, deep: number, out: unknown[]): void {
    if (typeof v !== 'object' || v === null || v === this.k || v instanceof SideField) {
      out.push(v);
      return;
    }
    if (declaredOf(v.constructor) !== null) {
      out.push(v instanceof Life ? v.over : v);
      if (mayHaveHanging(v) && !this.reached.includes(v)) this.reached.push(v);
      return;
    }
    if (deep === 0) {
      out.push({});
      return;
    }
    const parts: Iterable<unknown> =
      Array.isArray(v) || v instanceof Set || v instanceof Map
        ? (v as Iterable<unknown>)
        : Object.values(v);
    const at = out.push(0) - 1;
    let n = 0;
    for (const part of parts) {
      this.inside(part, deep - 1, out);
      n++;
    }
    out[at] = n;
  }

  /** What the design wrote to `o`, be it in a field that it added, and what it comes at from there. */
  private hanging(o: Hanging, out: unknown[]): void {
    pushWritten(o, out);
    const from = out.length;
    pushLinked(o, out);
    for (let i = from; i < out.length; i++) {
      const next = out[i] as Hanging | null;
      if (next !== null && !this.reached.includes(next)) this.reached.push(next);
    }
    if (o instanceof SkbFrag) return; // no field is added to an entry
    for (const field of this.k.sideFields) this.inside(field.of(o), DEEP, out);
  }
}

/** What waits in a queue is summed up behind `first`. */
function pendingIn({ pending }: ZerocopyQueue, first: number): number {
  let all = first;
  for (const { lo, hi, copied } of pending) all = mixed(mixed(mixed(all, lo), hi), copied ? 1 : 0);
  return all;
}

function mixed(sum: number, word: number): number {
  return Math.imul(sum ^ word, 0x9e3779b1) + 1;
}
