// Mutants that the kept answers do not see, and why: written by hand, by what stands there before and after. A reason
// stands with a digest of its function: when that is edited, it has to be given again.

export interface Reason {
  /** Digest of the function. */
  readonly of: string;
  /** No script can tell it from the model, whatever state it leads to. */
  readonly equivalent: boolean;
  readonly text: string;
}

export const REASONS: Readonly<Record<string, Reason>> = {
  'skb_private.ts skbMorph: skbOrphan(k, dst); => (dropped)': {
    of: 'b8ee2382',
    equivalent: false,
    text: 'sk_buffs of scripts have no socket and no destructor',
  },
  'skb_carve.ts pskbCarve: if (gone <= 0) continue; => if (gone < 0) continue;': {
    of: '442e8d31',
    equivalent: true,
    text: '0 bytes more at the offset, 0 less of the size',
  },
};
