import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

export const fixed = program(
  'ucx-rndv-fixed',
  'an operation that is over when all of it was posted and none is left',
  2017,
  (k) => new FragCounts(k),
);
