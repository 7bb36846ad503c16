// The same tests in two tiers: `npm test` takes one in so many of what a long list has, `npm run long` all of it.

export const LONG = process.env['LASTREF_LONG'] === '1';

/**
 * All of `list` in the long tier; else one in `n`, from the `at`-th on. Lists of lists give their number for `at`, so
 * that each member is taken somewhere.
 */
export function sample<T>(list: readonly T[], n: number, at = 0): readonly T[] {
  return LONG ? list : list.filter((_, i) => i % n === at % n);
}
