import { design as pool } from '@lastref/strategies/page-pool';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'esp-page-pool',
  title: 'ESP puts the pages that it has encrypted, and asks of none whether it is of a pool',
  year: 2024,
  where: 'Linux, net/ipv4/esp4.c and net/ipv6/esp6.c esp_ssg_unref',
  source: 'commit c3198822c6cb, for 6a5bcd84e886',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [{ operation: 'esp_output_tail' }],
  wrong: { design: pool, era: '7.2.13-espUnrefsPool' },
  fixed: { design: pool, era: '7.2.13' },
  mechanism:
    'A packet that was received into pages of a pool is forwarded through IPsec. ESP gives the packet another page for what comes out of the cipher, keeps the old ones in a scatterlist until the cipher is done, and puts them by put_page. The pool counts its pages by another count: the page goes to the free list, and the pool still takes it for its own.',
  fix: 'It puts them as skb_frag_unref does: by the count of the pool, where the packet has the mark and the page is of one.',
  lesson:
    'Who takes pages out of a packet takes over how they are put. The helper that knows was written for this repair; the mark of the pool had been there for ten releases.',
  words: ['ipsec', 'xfrm', 'esp6', 'gre', 'bad page state', 'page dumped because', 'pp_recycle'],
};
