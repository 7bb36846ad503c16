import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

export const fixed = program(
  'dpdk-gso-external-fixed',
  'segments with references of their own, and a caller who frees what was cut',
  2020,
  (k) => new FragCounts(k),
);
