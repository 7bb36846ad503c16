// Does a step at a host that lends nothing tell a producer, or change what a design knows? Then the steps of two hosts do
// not commute, whatever the wires between them are like: the design is what they have in common.
import { Cost, Side, SideField, declaredOf, type Kernel } from '@lastref/kernel';

/** Lists within lists that are looked into. */
const DEEP = 5;

/** Thrown by a search that took steps of two hosts for independent. */
export class HostsAreCoupled extends Error {}

export class DesignLook {
  readonly k: Kernel;
  private before: unknown[] = [];
  private now: unknown[] = [];

  constructor(k: Kernel) {
    this.k = k;
  }

  /** What the design knows before a step. */
  take(): void {
    this.before.length = 0;
    this.look(this.before);
  }

  /** It knows something else. */
  get differs(): boolean {
    const { before, now } = this;
    now.length = 0;
    this.look(now);
    if (now.length !== before.length) return true;
    for (let i = 0; i < now.length; i++) if (!Object.is(now[i], before[i])) return true;
    return false;
  }

  private look(out: unknown[]): void {
    const { k } = this;
    for (const side of Object.values(Side)) out.push(k.cost[side + Cost.COMPLETIONS]);
    const { lifetime } = k;
    for (const key in lifetime) inside(Reflect.get(lifetime, key), DEEP, out);
  }
}

/** A list, a record and whatever else a design makes are what is in them; an object of the machine is itself. */
function inside(v: unknown, deep: number, out: unknown[]): void {
  if (typeof v !== 'object' || v === null || deep === 0 || isOfMachine(v)) {
    out.push(v);
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
