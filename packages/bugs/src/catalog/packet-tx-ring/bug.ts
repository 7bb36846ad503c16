import type { Bug } from '../../bug.ts';
import { on } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'packet-tx-ring',
  title: 'a frame of a transmit ring is free as soon as its packet is orphaned or has a clone',
  year: 2018,
  where: 'Linux, net/packet/af_packet.c tpacket_snd',
  source: 'commit 5cd8d46ea156 (4.20), and 185ce5c38ea7, which mends it',
  kind: 'told too early',
  property: 'early',
  on,
  wrong: { design: wrong, era: '4.14' },
  fixed: { design: fixed, era: '4.14' },
  mechanism:
    'A process sends the frames of a ring that it has mapped, by reference; the destructor of the packet writes into the ring that the frame may be used again. A virtual device that hands the packet on orphans it, which runs the destructor, and the other end still has the pages. A tap has a clone, which has no destructor: the original is freed when the card has sent it, and the tap reads what the process has put there since.',
  fix: 'The packet is marked as one with pages of a user, without a record of him: whoever would clone it or keep it takes copies of the pages first, as with packets of a guest.',
  lesson:
    'A destructor of the sk_buff says that the socket is rid of it, and not that the pages are free. It took nine years: what was known of vhost in 2011 was not asked of the other user of such pages.',
  words: [
    'af_packet',
    'packet_mmap',
    'tx_ring',
    'tpacket_destruct_skb',
    'skb_orphan',
    'veth',
    'container',
    'mirror',
    'corruption',
  ],
};
