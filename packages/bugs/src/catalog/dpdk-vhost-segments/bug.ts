import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'dpdk-vhost-segments',
  title: 'of a packet of several segments the first alone is pinned',
  year: 2017,
  where: 'DPDK, lib/librte_vhost/virtio_net.c',
  source: 'dpdk 84ad6e4491',
  kind: 'told too early',
  property: 'early',
  on: [{ operation: 'tcp_fragment' }],
  wrong: { design: wrong, era: '3.8' },
  fixed: { design: fixed, era: '3.8' },
  mechanism:
    'The zero-copy receive of a guest gave a chain of buffers away and counted a reference on its head. The driver frees each segment by itself; the later ones went back to the pool while they were in use, and once more when the head was let go of.',
  fix: 'Every segment is pinned.',
  lesson: 'What is cut apart later has to be counted in its parts from the start.',
  words: ['dpdk', 'vhost', 'mbuf', 'chain', 'segments', 'double free'],
};
