import { design as replies } from '@lastref/strategies/rpc-reply';
import { design as stablePages } from '@lastref/strategies/stable-pages';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'drbd-stable-writes',
  title: 'pages change while they are mirrored, as nobody asked that they be stable',
  year: 2019,
  where: 'Linux, drivers/block/drbd/drbd_main.c',
  source: 'DRBD bad54a99',
  kind: 'written while it is lent',
  property: 'written',
  on: [{ workload: 'nfs-buffered' }],
  bound: { operations: 1, drops: 0 },
  wrong: { design: replies, era: '3.2' },
  fixed: { design: stablePages, era: '3.2' },
  mechanism:
    'A page under writeback may be written to unless the device asks for stable pages. The question became one that a driver has to opt into, DRBD missed it, and what it wrote and what it sent to its peer were two different contents of one page.',
  fix: 'The queue asks for stable writes.',
  lesson: 'No notification can help against a writer who asks nobody.',
  left: 'A reply ends the write, and what TCP has queued of it may still be read then: *early*, as in sunrpc-rtx.',
  words: ['drbd', 'stable pages', 'writeback', 'checksum', 'digest', 'mirror'],
};
