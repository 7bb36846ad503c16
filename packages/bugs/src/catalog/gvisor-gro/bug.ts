import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'gvisor-gro',
  title: 'packets that were merged are never let go of',
  year: 2022,
  where: 'gVisor, pkg/tcpip/stack (GRO), pkg/tcpip/transport/tcp',
  source: 'gvisor 9ff1c4259, ba6de2153',
  kind: 'told too late or never',
  property: 'lost',
  on: [{ operation: 'skb_try_coalesce' }],
  wrong: { design: wrong, era: '3.8' },
  fixed: { design: fixed, era: '3.8' },
  mechanism:
    'The merged packet took a reference of what it took over, and the packet that was merged into it kept its own: nobody was left to drop that one.',
  fix: 'The packet that was merged is let go of.',
  lesson: 'A move is a copy and a drop: the drop is what is forgotten. Seen as memory that grows.',
  words: ['gvisor', 'gro', 'leak', 'memory grows', 'merge'],
};
