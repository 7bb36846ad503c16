// What a candidate comes at from an object of the machine that it has: the data of a packet, its entries, their pages, what hangs there.
// Whatever it wrote to one of these it knows wherever it has the first one.
import { mayHaveHanging, pushLinked, pushWritten, type Hanging } from '@lastref/search';
import { SkbFrag } from '@lastref/kernel';
import { NOTHING } from './words.ts';

/** Adds to `reached` what `roots` lead to, and gives what was not among it. */
export function* cameBy(roots: readonly object[], reached: Set<object>): Generator<Hanging> {
  const linked: (Hanging | null)[] = [];
  const todo = [...roots];
  for (let o = todo.pop(); o !== undefined; o = todo.pop()) {
    if (reached.has(o)) continue;
    reached.add(o);
    if (!mayHaveHanging(o)) continue; // a socket leads nowhere
    pushLinked(o, linked);
    for (const next of linked.splice(0)) if (next !== null) todo.push(next);
    yield o;
  }
}

/** What stands in the fields of `o` that a design writes, itself or by its services, and where it leads: behind `words`. */
export function ownOf(o: Hanging, words: number[]): void {
  const written: unknown[] = [];
  pushWritten(o, written);
  for (const value of written) words.push(Number(value));
  const linked: (Hanging | null)[] = [];
  pushLinked(o, linked);
  for (const next of linked) words.push(nameOf(next));
}

/** Entries have no name: what they lead to has. */
function nameOf(o: Hanging | null): number {
  return o === null || o instanceof SkbFrag ? NOTHING : o.slot;
}
