import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const packets = program(
  'smsc95xx-cow',
  'a packet that is over with its last clone',
  2017,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'smsc95xx-cow',
  title: 'a driver writes a checksum into a packet that others are reading',
  year: 2017,
  where: 'Linux, drivers/net/usb/smsc95xx.c smsc95xx_tx_fixup',
  source:
    'drivers/net/usb/smsc95xx.c, smsc95xx_tx_fixup of Linux 4.10 and, with skb_cow_head, of later ones; the same for its neighbors',
  kind: 'written while it is lent',
  property: 'written',
  on: [],
  wrong: { design: packets, era: '4.14', on: [{ program: wrong }] },
  fixed: { design: packets, era: '4.14', on: [{ program: fixed }] },
  mechanism:
    'The card cannot work out the checksum of a small packet, so its driver writes it, and commands for the card in front of the packet. It looked whether there was room for the commands, and copied the packet if not; whether anybody else has the same bytes it did not ask. Where the packet is a clone, for a tap or for another port of a bridge, they see the packet change.',
  fix: 'skb_cow_head: room, and bytes of its own where the header is shared.',
  lesson:
    'There were two reasons to copy, and the driver knew one of them. With room enough in front, which is the rule, it never copied.',
  words: [
    'usb',
    'smsc95xx',
    'skb_cow_head',
    'cloned',
    'bridge',
    'tcpdump',
    'checksum',
    'raspberry',
  ],
};
