// What a walk of the machine came to, and the code that looks at it again: straight-line for each class.
import { Loan, Page, SkBuff, SkbFrag, SkbSharedInfo } from '@lastref/kernel';
import { Bytes, mixed } from './sums.ts';

/** What a candidate is given, as messages call it. */
export const GIVEN: ReadonlyMap<object | null, string> = new Map<object | null, string>([
  [SkBuff.prototype, 'packet'],
  [SkbSharedInfo.prototype, 'shared info'],
  [SkbFrag.prototype, 'frag'],
  [Page.prototype, 'page'],
  [Loan.prototype, 'loan'],
]);

/** What a walk came to. */
export interface Met {
  readonly o: object;
  /** Among the sums. */
  readonly group: number;
  /** How a glance looks at it; null: it need not. */
  readonly how: 'record' | 'list' | 'map' | 'set' | Bytes | Kind | null;
  /** Of an object or a list what it held when it was summed up last, and the sum; null: it never was. */
  held: unknown[] | null;
  sum: number;
}

/** The sum over `all`, behind `first`; calls `hold` of those that hold something else than they did. NaN is never the same. */
export type Sum = (all: readonly Met[], first: number, hold: (one: Met) => void) => number;

/** A class of the machine's: its objects have these fields and no other. */
export interface Kind {
  readonly group: number;
  readonly keys: readonly string[];
  readonly all: Met[];
  readonly sum: Sum;
}

/** Of objects that have these fields. */
export function kindOf(group: number, names: readonly PropertyKey[]): Kind {
  const keys = names.filter((key) => typeof key === 'string');
  return { group, keys, all: [], sum: summing(keys) };
}

/** Straight-line code for a class: a loop over names is several times slower, and so is code that sees several classes. */
function summing(keys: readonly string[]): Sum {
  const tests = keys.map((key, i) => {
    const now = `now = o[${JSON.stringify(key)}]`;
    return `(${now}) !== held[${i}] || Object.is(now, -0)`; // 0 with a sign is another one
  });
  const text = `return (list, first, hold) => {
    let sum = first, now;
    for (let i = 0; i < list.length; i++) {
      const one = list[i], { o, held } = one;
      if (held === null || ${['false', ...tests].join(' || ')}) hold(one);
      sum = mixed(sum, one.sum);
    }
    return sum;
  };`;
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('mixed', text)(mixed) as Sum;
}

/** Holds it what it held? */
export function sameList(list: readonly unknown[], held: readonly unknown[]): boolean {
  if (list.length !== held.length) return false;
  for (let i = 0; i < list.length; i++) {
    const v = list[i];
    if (v !== held[i] || Object.is(v, -0)) return false;
    if (v === undefined && i in list !== i in held) return false;
  }
  return true;
}

export function isKind(how: Met['how']): how is Kind {
  return typeof how === 'object' && how !== null && !(how instanceof Bytes);
}
