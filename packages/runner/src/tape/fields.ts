// What a design may write to besides its own: its slots in the kernel's structs, and what a patch that takes a packet's
// or a page's end into its hands has to set. Anything else in the machine is the machine's.
import { Destructor, type Loan, type Page, type SkbFrag, type SkBuff } from '@lastref/kernel';
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

/** A page has no more users than that. */
const COUNT_MAX = 1 << 20;
const DESTRUCTORS: readonly number[] = Object.values(Destructor);

/** Writes what a tape says; what is wrong with that, or null. `owner` and `index` name the struct. */
export function write(
  names: Names,
  field: number,
  owner: number,
  index: number,
  value: number,
): string | null {
  switch (field) {
    case Field.PAGE_LOAN:
      return hang(names, names.page(owner), 'loan', value);
    case Field.SKB_LOAN:
      return hang(names, names.skb(owner), 'loan', value);
    case Field.SKB_CB:
      return hang(names, names.skb(owner), 'cb', value);
    case Field.SHINFO_LOAN:
      return hang(names, names.shinfo(owner), 'loan', value);
    case Field.FRAG_LOAN:
      return hang(names, names.frag(owner, index), 'loan', value);
    case Field.PAGE_COUNT:
      return number(names.page(owner), 'count', value, value >= 0 && value <= COUNT_MAX);
    case Field.SKB_DESTRUCTOR:
      return number(names.skb(owner), 'destructor', value, DESTRUCTORS.includes(value));
    case Field.SKB_PP_RECYCLE:
      return number(names.skb(owner), 'ppRecycle', value, value === 0 || value === 1);
    case Field.SKB_CLONED:
      return number(names.skb(owner), 'cloned', value, value === 0 || value === 1);
    case Field.SHINFO_MANAGED:
      return flag(names.shinfo(owner), 'managed', value);
    default:
      return `it wrote to field ${field}, which is none of a design's`;
  }
}

const nobody = 'it wrote to something that is not of this machine';

function hang<K extends 'loan' | 'cb'>(
  names: Names,
  o: { [key in K]: Loan | null } | undefined,
  key: K,
  word: number,
): string | null {
  const loan = word === NOTHING ? null : names.loan(word);
  if (o === undefined) return nobody;
  if (loan === undefined) return `it hung loan#${word} somewhere, which is none of this machine`;
  o[key] = loan;
  return null;
}

function number<K extends string>(
  o: { [key in K]: number } | undefined,
  key: K,
  value: number,
  right: boolean,
): string | null {
  if (o === undefined) return nobody;
  if (!right) return `it wrote ${value} to ${key}, which can have no such value`;
  o[key] = value;
  return null;
}

function flag<K extends string>(
  o: { [key in K]: boolean } | undefined,
  key: K,
  value: number,
): string | null {
  if (o === undefined) return nobody;
  if (value !== 0 && value !== 1)
    return `it wrote ${value} to ${key}, which can have no such value`;
  o[key] = value === 1;
  return null;
}

/** A struct that a hook can write to, as it was when the hook began or the last service returned. */
export interface Spot {
  kind: 'page' | 'skb' | 'shinfo' | 'frag';
  o: Page | SkBuff | SkbFrag | object;
  /** Of a frag: the shared info that it stands in, and where; else unused. */
  owner: number;
  index: number;
  loan: unknown;
  cb: unknown;
  a: number;
  b: number;
  c: number;
}
