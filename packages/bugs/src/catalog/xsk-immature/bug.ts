import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'xsk-immature',
  title: 'whichever packet finishes publishes the address of the oldest',
  year: 2025,
  where: 'Linux, net/xdp/xsk.c',
  source: 'commit 30f241fcf52a',
  kind: 'told too early',
  property: 'early',
  on: [{ operation: 'skb_clone' }],
  wrong: { design: wrong, era: '7.2.13' },
  fixed: { design: fixed, era: '7.2.13' },
  mechanism:
    'AF_XDP wrote addresses into the completion ring in the order of submission, and a packet that finished moved the end of the ring by its count. When the second packet finished first, the address of the first was published, whose memory was still to be sent.',
  fix: "The packet's own destructor publishes exactly the addresses that it used.",
  lesson: 'A count is no identity. Two packets that finish in the other order show it.',
  words: ['af_xdp', 'xdp', 'umem', 'completion ring', 'out of order'],
};
