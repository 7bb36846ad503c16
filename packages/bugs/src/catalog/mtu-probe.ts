import { design as msgZerocopy } from '@lastref/strategies/msg-zerocopy';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'mtu-probe',
  title: 'an MTU probe of MSG_ZEROCOPY has the pages and no record of them',
  year: 2026,
  where: 'Linux, net/ipv4/tcp_output.c tcp_clone_payload (6.5 on)',
  source: 'commit 736013292e3c; docs/found-mtu-probe.md',
  kind: 'told too early',
  property: 'early',
  on: [{ operation: 'tcp_clone_payload' }],
  wrong: { design: msgZerocopy, era: '7.2.13' },
  fixed: { design: msgZerocopy, era: '7.2.13+probeRefusesOwner' },
  mechanism:
    'The probe is made of the frags of packets that wait, with a reference on each page and without a ubuf_info. The packets that it was made of are freed with it still in flight: the sender is told, and the probe, or its retransmission, has the new bytes.',
  fix: 'Proposed: no probe is made of packets that have a ubuf_info; they are sent as they are.',
  lesson:
    'Found by the matrix, and then seen on running kernels. It needs tcp_mtu_probing, which is off by default.',
  words: ['msg_zerocopy', 'tcp_mtu_probing', 'path mtu', 'pmtu', 'corruption', 'retransmission'],
};
