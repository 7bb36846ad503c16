// Every buffer operation of net/core, twice: on the machine, and on arrays of bytes. An operation that does not
// apply to what it is given does nothing, so any list of acts is a run, and shrinking one is leaving acts out.
import { expectNoMemory } from '../../../src/index.ts';
import type { World } from '../world.ts';
import type { Act, Operation } from './act.ts';
import { CUTTING } from './cutting.ts';
import { JOINING } from './joining.ts';
import { MAKING } from './making.ts';
import { READING } from './reading.ts';
import { SHARING } from './sharing.ts';

export type { Act, Operation } from './act.ts';

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ...MAKING, ...SHARING, ...CUTTING, ...JOINING, ...READING }),
);

/** Does one act on both; without memory nothing must have changed. */
export function perform(w: World, act: Act, operations = OPERATIONS): void {
  w.k.failIn = act.fail;
  try {
    if (operations.get(act.op)!(w, act)) w.count(act.op);
  } catch (error) {
    expectNoMemory(error);
    w.count(`${act.op} without memory`);
  }
  w.k.failIn = 0;
  if (w.shapes) return;
  for (const { skb, naive } of w.held) if (skb.shinfo.fragList === null) naive.dissolve();
}
