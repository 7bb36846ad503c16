// What a candidate comes at from an object of the machine that it has: the data of a packet, its entries, their pages, what hangs there.
// Whatever it wrote to one of these it knows wherever it has the first one.
import { Page, SkBuff, SkbFrag, SkbSharedInfo, type Loan } from '@lastref/kernel';
import { OWN } from './fields.ts';
import { NOTHING } from './words.ts';

type Linked = SkBuff | SkbSharedInfo | SkbFrag | Page | Loan;

const KINDS = { skb: SkBuff, shinfo: SkbSharedInfo, page: Page, frag: SkbFrag } as const;

/** Adds to `reached` what `roots` lead to, and gives what was not among it. */
export function* cameBy(roots: readonly object[], reached: Set<object>): Generator<object> {
  const todo = [...roots];
  for (let o = todo.pop(); o !== undefined; o = todo.pop()) {
    if (reached.has(o)) continue;
    reached.add(o);
    for (const next of linked(o as Linked)) if (next !== null) todo.push(next);
    yield o;
  }
}

function linked(o: Linked): readonly (Linked | null)[] {
  if (o instanceof SkBuff) return [o.next, o.pair, o.shinfo, o.loan, o.cb];
  if (o instanceof SkbSharedInfo) return [o.fragList, o.loan, ...o.frags.slice(0, o.nrFrags)];
  if (o instanceof SkbFrag) return [o.page, o.loan];
  return o instanceof Page ? [o.loan] : [];
}

/** What stands in the fields of `o` that are a design's own to write, and where it leads, which services change: behind `words`. */
export function ownOf(o: object, words: number[]): void {
  for (const [of, name] of OWN) {
    if (!(o instanceof KINDS[of])) continue;
    const value = Reflect.get(o, name) as Loan | number | boolean | null;
    words.push(typeof value === 'object' ? nameOf(value) : Number(value));
  }
  for (const next of linked(o as Linked)) words.push(nameOf(next));
}

/** Entries have no name: what they lead to has. */
function nameOf(o: Linked | null): number {
  return o === null || o instanceof SkbFrag ? NOTHING : o.slot;
}
