import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'dpdk-gso-external',
  title: 'segmentation leaves a reference on an external buffer that nobody drops',
  year: 2020,
  where: 'DPDK, lib/librte_gso',
  source: 'dpdk c0d002aed9',
  kind: 'told too late or never',
  property: 'lost',
  on: [{ operation: 'skb_segment' }, { operation: 'skb_split' }],
  wrong: { design: wrong, era: '3.8' },
  fixed: { design: fixed, era: '3.8' },
  mechanism:
    'The library dropped one reference of the packet that it had cut, as if the packet were its own. For an external buffer that was not enough: one stayed, and the pool ran dry.',
  fix: 'The caller frees the packet that was cut, and the library drops nothing.',
  lesson: 'Whether a function takes what it is given or only looks at it has to be said.',
  words: ['dpdk', 'gso', 'external buffer', 'extbuf', 'leak', 'mbuf pool', 'exhausted'],
};
