// A mutant that the kept answers do not see, and why: written by hand, by what stands there before and after. A reason
// stands with a digest of its function: when that is edited, it has to be given again.

export interface Reason {
  /** Digest of the function. */
  readonly of: string;
  /** No script can tell it from the model, whatever state it leads to. */
  readonly equivalent: boolean;
  readonly text: string;
}
