// Does a design know something that changes, and that stands with no object of the machine? Then it may be what two hosts have
// in common: what one does could depend on what the other has done, whatever the wires between them are like.
import { Cost, Side, SideField, declaredOf, type Kernel } from '@lastref/kernel';

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
    zerocopyQueues.forEach((queue) => {
      for (const { lo, hi, copied } of queue?.pending ?? [])
        all = mixed(mixed(mixed(all, lo), hi), copied ? 1 : 0);
    });
    return all;
  }

  private look(out: unknown[]): void {
    const { lifetime } = this.k;
    if (KNOWN in lifetime) {
      out.push(Reflect.get(lifetime, KNOWN));
      return;
    }
    for (const key in lifetime) inside(Reflect.get(lifetime, key), DEEP, out);
  }
}

function mixed(sum: number, word: number): number {
  return Math.imul(sum ^ word, 0x9e3779b1) + 1;
}

/** A list, a record and whatever else a design makes are what is in them; an object of the machine is itself. */
function inside(v: unknown, deep: number, out: unknown[]): void {
  if (typeof v !== 'object' || v === null || isOfMachine(v)) {
    out.push(v);
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
    inside(part, deep - 1, out);
    n++;
  }
  out[at] = n;
}

function isOfMachine(o: object): boolean {
  return o instanceof SideField || declaredOf(o.constructor) !== null;
}
