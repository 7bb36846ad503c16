// What a design may write to besides its own: its slots in the kernel's structs, and what a patch that takes a packet's
// or a page's end into its hands has to set. Anything else in the machine is the machine's.
import { Destructor, Loan } from '@lastref/kernel';
import { NOTHING } from './words.ts';
import type { Names } from './names.ts';

export const Field = {
  PAGE_LOAN: 0,
  PAGE_COUNT: 1,
  SKB_LOAN: 2,
  SKB_CB: 3,
  SKB_DESTRUCTOR: 4,
  SKB_PP_RECYCLE: 5,
  SKB_CLONED: 6,
  SHINFO_LOAN: 7,
  FRAG_LOAN: 8,
  /** SKBFL_MANAGED_FRAG_REFS: whoever sets it counts the frags himself. */
  SHINFO_MANAGED: 9,
} as const;
export type Field = (typeof Field)[keyof typeof Field];

/** A page has no more users than that. */
const COUNT_MAX = 1 << 20;
const DESTRUCTORS: readonly number[] = Object.values(Destructor);

/** What a field may have: a loan or null, a flag, or one of these numbers. */
type Wants = 'loan' | 'flag' | ((n: number) => boolean);

const isBit = (n: number): boolean => n === 0 || n === 1;

/** By number. */
export const OWN: readonly (readonly [
  of: 'page' | 'skb' | 'shinfo' | 'frag',
  name: string,
  wants: Wants,
])[] = [
  ['page', 'loan', 'loan'],
  ['page', 'count', (n) => n >= 0 && n <= COUNT_MAX],
  ['skb', 'loan', 'loan'],
  ['skb', 'cb', 'loan'],
  ['skb', 'destructor', (n) => DESTRUCTORS.includes(n)],
  ['skb', 'ppRecycle', isBit],
  ['skb', 'cloned', isBit],
  ['shinfo', 'loan', 'loan'],
  ['frag', 'loan', 'loan'],
  ['shinfo', 'managed', 'flag'],
];

/** Writes what a tape says; what is wrong with that, or null. `owner` and `index` name the struct. */
export function write(
  names: Names,
  field: number,
  owner: number,
  index: number,
  word: number,
): string | null {
  const own = OWN[field];
  if (own === undefined) return `it wrote to field ${field}, which is none of a design's`;
  const [of, name, wants] = own;
  const o = of === 'frag' ? names.frag(owner, index) : names[of](owner);
  if (o === undefined) return 'it wrote to something that is not of this machine';
  let value: Loan | null | number | boolean | undefined;
  if (wants === 'loan') {
    value = word === NOTHING ? null : names.loan(word);
    if (value === undefined) return `it hung loan#${word} somewhere, which is none of this machine`;
  } else {
    if (!(wants === 'flag' ? isBit : wants)(word))
      return `it wrote ${word} to ${name}, which can have no such value`;
    value = wants === 'flag' ? word === 1 : word;
  }
  Reflect.set(o, name, value);
  return null;
}

/** What `value` is called on a tape that is to stand in this field; undefined: it can have no such value. */
export function wordFor(names: Names, wants: Wants, value: unknown): number | undefined {
  if (wants === 'loan') {
    if (value === null) return NOTHING;
    return value instanceof Loan ? names.wordOfLoan(value) : undefined;
  }
  if (wants === 'flag') return typeof value === 'boolean' ? Number(value) : undefined;
  const isWord = typeof value === 'number' && Object.is(value | 0, value);
  return isWord && wants(value) ? value : undefined;
}
