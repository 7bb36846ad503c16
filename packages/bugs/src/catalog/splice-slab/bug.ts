import type { Bug } from '../../bug.ts';
import { design } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'splice-slab',
  title: 'splice from socket to socket sends from memory of a slab that was freed',
  year: 2009,
  where: 'Linux, net/core/skbuff.c __skb_splice_bits',
  source: 'commit 8b9d3728977',
  kind: 'told too early',
  property: 'early',
  on: [],
  wrong: { design, era: '2.6.28', on: [{ recipe: wrong }] },
  fixed: { design, era: '2.6.28', on: [{ recipe: fixed }] },
  mechanism:
    'Linear bytes of a received packet are memory of a slab, which nobody counts by the page. splice put them into a pipe as if they were a page, and kept the packet with the slot, so that the memory stayed. The socket that they were sent to took a reference on the page, which means nothing to a slab, and the slot let go of the packet: the slab handed the memory out again while the second socket had it still to send.',
  fix: 'Linear bytes are copied to a page of their own on their way into the pipe.',
  lesson:
    'Reported as corrupt data by a proxy. One object kept the memory alive, the next in the row took a reference of another kind, and each of the two was right by itself.',
  words: [
    'splice',
    'proxy',
    'haproxy',
    'slab',
    'linear',
    'corruption',
    'socket to socket',
    'get_page',
  ],
};
