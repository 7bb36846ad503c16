import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

export const fixed = program(
  'gvisor-gro-fixed',
  'a packet that goes when its last fragment does',
  2022,
  (k) => new FragCounts(k),
);
