// Hooks that a candidate leaves to mainline, where mainline does nothing. A run asks most hooks for every packet, and a patch has
// a few of them: of the others everybody knows the answer, so nobody asks the candidate's process.
import { types } from 'node:util';
import { GetPutPage, SHARE } from '@lastref/kernel';
import { Broken, HOOKS, placeName, placeOf, type Hook } from './rules.ts';

/** What mainline answers (`GetPutPage`) where it touches nothing. */
const MAINLINE = {
  canAppend: true,
  begins: undefined,
  mayMerge: true,
  merged: undefined,
  mayMove: true,
  returned: undefined,
  released: undefined,
  replied: undefined,
  unanswered: undefined,
  pageFree: false,
  pageIdle: undefined,
  clone: SHARE,
  adopt: undefined,
  mayWriteFrags: true,
  orphanFrags: undefined,
  pagesLeft: undefined,
  ubufsCopied: undefined,
  zcopyClear: undefined,
  dataFree: null,
  charged: undefined,
  skbDestructor: undefined,
  cbFound: undefined,
  mayWrite: true,
  keepsOwner: false,
  closed: undefined,
  acked: undefined,
} as const satisfies { readonly [hook in Hook]?: unknown };

/** Bits of a number. */
const BITS = 32;

/** By number: may it be quiet? */
const MAY_BE = HOOKS.map((hook, n) => n < BITS && hook in MAINLINE);

/** By number: its answer, if it is quiet. */
export const QUIET_ANSWERS: readonly unknown[] = HOOKS.map(
  (hook) => (MAINLINE as { readonly [hook in Hook]?: unknown })[hook],
);

export const NONE_QUIET = 0;

/** The bit of what is asked under this number; events of a program have none. */
export const quietBit = (n: number): number => (MAY_BE[n] === true ? 1 << n : NONE_QUIET);

const ALL = HOOKS.reduce((bits, _, n) => bits | quietBit(n), NONE_QUIET);

/** May all hooks of these bits be quiet? What a tape says need not be so. */
export const mayBeQuiet = (bits: number): boolean => (bits & ~ALL) === 0;

/**
 * Who drives a run may ask whether a design has a hook, and compares it with mainline's: a capture, whether it waits for an answer
 * (`waitsForReply`). What stands for a candidate has all hooks, and this one of mainline's where the candidate leaves it.
 */
export const REPLIED: Hook = 'replied';
export const LEFT: unknown = Reflect.get(GetPutPage.prototype, REPLIED);

const { getPrototypeOf, hasOwn, isFrozen } = Object;

/** Is the hook `replied` of `made` mainline's, as far as what is there now? Its code may run. */
export function leavesReplied(made: object): boolean {
  return !types.isProxy(made) && Reflect.get(made, REPLIED) === LEFT;
}

/**
 * Hooks of `made` that are quiet, a bit for each. No code of the candidate's runs: whatever could answer otherwise the next
 * time (a Proxy, a class that is not frozen) has none.
 */
export function quietHooks(made: object): number {
  const classes: object[] = [];
  let at: object | null = made;
  while (at !== GetPutPage.prototype) {
    if (at === null || types.isProxy(at) || (at !== made && !isFrozen(at))) return NONE_QUIET;
    classes.push(at);
    at = getPrototypeOf(at) as object | null;
  }
  let bits = NONE_QUIET;
  HOOKS.forEach((hook, n) => {
    if (!classes.some((one) => hasOwn(one, hook))) bits |= quietBit(n);
  });
  return bits;
}

/** `made` has had `hook` quiet and was of the class with this prototype when `create` returned: it is so still, or Broken is thrown. */
export function mustBeQuiet(made: object, prototype: object | null, hook: Hook): void {
  if (getPrototypeOf(made) === prototype && !hasOwn(made, hook)) return;
  throw new Broken(
    placeName(placeOf(hook)),
    'it is another one than it was when create returned',
    'hooks',
  );
}
