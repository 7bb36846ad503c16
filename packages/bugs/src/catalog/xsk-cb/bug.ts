import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'xsk-cb',
  title: 'the list of addresses to give back stood in the control block, and IP wrote over it',
  year: 2025,
  where: 'Linux, net/xdp/xsk.c',
  source: 'commit 0ebc27a4c67d',
  kind: 'a marker or an owner lost on the way',
  property: 'lost',
  on: [{ operation: 'dev_hard_start_xmit' }, { operation: 'tpacket_snd' }],
  wrong: { design: wrong, era: '7.2.13' },
  fixed: { design: fixed, era: '7.2.13' },
  mechanism:
    'skb->cb belongs to the layer that has the packet. AF_XDP kept there what its destructor needs; the packet was looped to a receiver, IP wrote its own record over it, and the destructor walked what was no list any more.',
  fix: 'The list hangs at the destructor argument of the shared info.',
  lesson:
    'It was the repair of xsk-immature. That the control block ends with the layer was written under a blog entry in 2007 already.',
  words: ['af_xdp', 'xdp', 'umem', 'skb->cb', 'control block', 'panic'],
};
