import { design as msgZerocopy } from '@lastref/strategies/msg-zerocopy';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'gro-zerocopy',
  title: 'GRO merges a packet of MSG_ZEROCOPY into one that has no record of it',
  year: 2026,
  where: 'Linux, net/core/gro.c skb_gro_receive',
  source:
    'CVE-2026-46323, where it is told of registered buffers of io_uring (6.0, 753f1ca4e1e5), whose pages a packet has no reference on; fixed in 7.1, 6.12.92, 6.1.176',
  kind: 'told too early',
  property: 'early',
  on: [{ operation: 'skb_gro_receive' }],
  wrong: { design: msgZerocopy, era: '7.2.13-groRefusesZerocopy' },
  fixed: { design: msgZerocopy, era: '7.2.13' },
  mechanism:
    'Frags of a packet that was looped to a receiver move into another packet with their pages and without their ubuf_info. When the packet that they came from is freed the ubuf_info is put, and the sender is told while the merged packet can still read its pages.',
  fix: 'skb_gro_receive merges no packet that has a ubuf_info (skb_zcopy).',
  lesson:
    'skb_try_coalesce and skb_shift asked from the day MSG_ZEROCOPY came; the third place that moves frags did not. Nothing that was sent came there as it was, until veth had GRO of its own (5.13). A list of all that move them is what finds it.',
  words: ['msg_zerocopy', 'gro', 'veth', 'container', 'error queue', 'notification'],
};
