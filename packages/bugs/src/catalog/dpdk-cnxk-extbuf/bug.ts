import type { Bug } from '../../bug.ts';
import { flow } from '../../flow.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const inSegments = (segments: number) => ({
  program: flow({
    id: `dpdk-cnxk-extbuf-${segments}`,
    title: `a packet of ${segments === 1 ? 'one segment' : `${segments} segments`}`,
    operations: 1,
    pagesPerOperation: segments,
    sndbuf: 65_536,
  }),
});

export const bug: Bug = {
  id: 'dpdk-cnxk-extbuf',
  title: 'an external buffer among other segments is completed twice',
  year: 2024,
  where: 'DPDK, drivers/net/cnxk',
  source: 'dpdk e6aa540815',
  kind: 'told twice',
  property: 'double',
  on: [1, 2].map(inSegments),
  bound: { drops: 0, retransmissions: 0 },
  wrong: { design: wrong, era: '3.8' },
  fixed: { design: fixed, era: '3.8' },
  mechanism:
    'A packet may have segments of several kinds. The driver completed an external buffer with its segment, and the packet completed it again when it was done.',
  fix: 'A segment is marked when its buffer was completed.',
  lesson:
    'Two places that both know how to finish something need one place that remembers whether it is finished.',
  words: [
    'dpdk',
    'cnxk',
    'marvell',
    'external buffer',
    'extbuf',
    'multi-segment',
    'completed twice',
  ],
};
