import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

export const fixed = program(
  'dpdk-cnxk-extbuf-fixed',
  'a buffer that is completed once',
  2024,
  (k) => new FragCounts(k),
);
