import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'gvisor-forwarder',
  title: 'a packet is queued for a handler, and nobody has a reference for it',
  year: 2023,
  where:
    'gVisor, pkg/tcpip/transport/udp (forwarder); of one kind with pkg/tcpip/network/ipv6 (header view)',
  source: 'gvisor dae3aa6ee; 6b3b5493d of 2022 for the view',
  kind: 'told too early',
  property: 'early',
  on: [],
  wrong: { design: ian, era: '3.8', on: [{ recipe: wrong }] },
  fixed: { design: ian, era: '3.8', on: [{ recipe: fixed }] },
  mechanism:
    'The forwarder puts a request for its handler into a queue, with a pointer to the packet. The stack lets go of the packet when the function returns, its buffer goes back to the pool, and the handler reads what the next packet has put there. A view of a header that outlived the packet which it pointed into, when that was replaced by a reassembled one, is the same with raw bytes in place of a pointer.',
  fix: 'The request has a reference of its own, and drops it.',
  lesson:
    'With a garbage collector nothing of this was seen. When packets got counts and pools, every place that had only borrowed became a bug.',
  words: ['gvisor', 'netstack', 'udp', 'forwarder', 'ipv6', 'reassembly', 'view', 'use after free'],
};
