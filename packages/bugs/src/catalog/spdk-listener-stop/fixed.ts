import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

export const fixed = program(
  'spdk-listener-stop-fixed',
  'buffers that come back when the stack lets go of them',
  2025,
  (k) => new FragCounts(k),
);
