import { design as pool } from '@lastref/strategies/page-pool';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'esp-output-leak',
  title: 'ESP has taken the pages from a packet when it fails, and puts them no more',
  year: 2026,
  where: 'Linux, net/ipv4/esp4.c esp_output_tail, net/ipv6/esp6.c esp6_output_tail',
  source: 'commit 2982e599fff6, CVE-2026-63872; since cac2661c53f3',
  kind: 'told too late or never',
  property: 'lost',
  on: [{ operation: 'esp_output_tail' }],
  bound: { failures: 1 },
  wrong: { design: pool, era: '7.2.13-espFailureUnrefs' },
  fixed: { design: pool, era: '7.2.13' },
  mechanism:
    'Before it asks for the cipher, ESP writes down the pages of a packet in a scatterlist, takes no reference, and gives the packet another page in their place. The references that the packet had belong to the scatterlist now. If the second scatterlist cannot be made, the first one is freed, and the packet: that has the new page alone, and the old ones are counted for ever.',
  fix: 'The error path puts what the first scatterlist has.',
  lesson:
    'For nine years nothing failed there. A reference that moves without a call has a new owner from that line on, also on the way out.',
  words: ['ipsec', 'xfrm', 'esp6', 'skb_to_sgvec', 'leak', 'page_frag', 'async', 'crypto'],
};
