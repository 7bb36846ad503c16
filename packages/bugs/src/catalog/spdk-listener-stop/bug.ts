import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'spdk-listener-stop',
  title: 'stopping a listener recycles buffers that TCP still sends from',
  year: 2025,
  where: 'SPDK, NVMe over TCP target',
  source: 'spdk/spdk issue 3760',
  kind: 'told too early',
  property: 'early',
  on: [{ workload: 'listener-stop' }],
  bound: { drops: 0 },
  wrong: { design: wrong, era: '3.8' },
  fixed: { design: fixed, era: '3.8' },
  mechanism:
    'When the target stops, its requests are aborted and their buffers go back to the pool, which writes the link of its free list into them. Packets that were sent from them by reference are still queued: the initiator reads pointers as data.',
  fix: 'Proposed there: a buffer goes back to the pool when the notification of its send has come.',
  lesson: 'Aborting a request ends the interest in its answer, not the reading of its buffer.',
  words: ['spdk', 'nvme', 'nvmf', 'abort', 'listener', 'teardown', 'free list', 'initiator'],
};
