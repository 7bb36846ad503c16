import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const packets = program(
  'udp-fraggap',
  'a page that is put as often as the packet has it',
  2026,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'udp-fraggap',
  title: 'bytes of a user stand where a packet counts its pages',
  year: 2026,
  where: 'Linux, net/ipv6/ip6_output.c __ip6_append_data, net/ipv4/ip_output.c __ip_append_data',
  source: 'commits 736b380e28d0, eca856950f7c; CVE-2026-53362, CVE-2026-53366',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  wrong: { design: packets, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: packets, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'A datagram is cut into fragments of whole units of eight bytes; what is left over goes into the head of the next packet. Where pages are spliced in, that head was made without room for it, so up to fifteen bytes of the user were written behind its end, where the shared info begins with the number of entries. A number that is too large makes an entry of whoever had the memory before count again: its page is put once more than it was taken, and goes to the free list while the pipe still has it.',
  fix: 'What goes on from the packet before is part of the length of the head.',
  lesson:
    'Two sums of lengths that agree in the ordinary case. An error of -EINVAL had hidden it until another repair let such a send through; the test of the advisory closes a socket, fills the free memory, and reads the pipe.',
  left: 'Shown is the count of entries; the other fields that begin the shared info are not written over here.',
  words: [
    'udp',
    'ipv6',
    'msg_more',
    'udp_cork',
    'msg_splice_pages',
    'skb_shared_info',
    'nr_frags',
    'heap overflow',
    'container escape',
    'root',
  ],
};
