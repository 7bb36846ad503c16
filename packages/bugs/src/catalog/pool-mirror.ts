import { design as wrong } from '@lastref/strategies/canaries/mirrored-pool-ref';
import { design as fixed } from '@lastref/strategies/page-pool';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'pool-mirror',
  title: "references of the pool's own kind, put back as plain ones",
  year: 2024,
  where: 'Linux, net/core/skbuff.c skb_frag_ref',
  source: 'commits a580ea994fd3 and 173e7622ccb3, which takes it back',
  kind: 'given back to the wrong place',
  property: 'lost',
  on: [{ operation: 'pskb_expand_head' }],
  wrong: { design: wrong, era: 'debian-6.12.117' },
  fixed: { design: fixed, era: 'debian-6.12.117' },
  mechanism:
    'Taking a reference of a frag counted in the pool wherever the page was of a pool; putting it asked the mark of the skb. An skb without the mark put what it had never taken, and the count of the pool stayed.',
  fix: 'skb_frag_ref takes a plain reference again.',
  lesson:
    'Two kinds of reference on one page: who drops has to know which kind was taken, and an skb bit does not say.',
  words: ['page_pool', 'pp_ref_count', 'leak', 'stalled pool', 'inflight'],
};
