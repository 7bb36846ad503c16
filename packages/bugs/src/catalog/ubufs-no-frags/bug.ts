import type { Bug } from '../../bug.ts';
import { packets } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'ubufs-no-frags',
  title: 'the owner of a packet without frags is not told that it may have its memory back',
  year: 2017,
  where: 'Linux, net/core/skbuff.c skb_copy_ubufs',
  source: 'commit b90ddd568792',
  kind: 'told too late or never',
  property: 'late',
  on: packets.map((program) => ({ program })),
  wrong: { design: wrong, era: '4.14' },
  fixed: { design: fixed, era: '4.14' },
  mechanism:
    'Before somebody may keep a packet for as long as he likes its frags are replaced by copies, and its owner is told. A packet whose bytes all found room in the head has an owner, too, and no frags: the function returned early, with the owner still attached. He is told when the receiver frees the packet, which it may never do.',
  fix: 'Without frags the copying is skipped, and the owner let go of all the same.',
  lesson:
    'An edge of a rewrite that was merged in the same cycle. Whoever returns early leaves out what stands at the end.',
  left: 'That a receiver who never reads would keep it for ever is *unbounded*, and not looked for by a search of orders: shown is that the telling waits for him.',
  words: [
    'vhost',
    'guest',
    'tun',
    'zerocopy_sg_from_iter',
    'small packets',
    'leak',
    'uarg',
    'stall',
  ],
};
