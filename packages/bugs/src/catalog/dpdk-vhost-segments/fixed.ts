import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

export const fixed = program(
  'dpdk-vhost-segments-fixed',
  'a packet of which every segment is pinned',
  2017,
  (k) => new FragCounts(k),
);
