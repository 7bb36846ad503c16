// Mutants that the kept answers do not see, and why: written by hand, by what stands there before and after.

export const REASONS: Readonly<
  Record<string, { readonly equivalent: boolean; readonly text: string }>
> = {};
