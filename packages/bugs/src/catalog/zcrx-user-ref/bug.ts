import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const buffers = program(
  'zcrx-user-ref',
  'a buffer that is free when its last reference is put',
  2026,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'zcrx-user-ref',
  title: 'a count is read and then decremented while another path takes all of it',
  year: 2026,
  where: 'Linux, io_uring/zcrx.c io_zcrx_put_niov_uref',
  source: 'commit 003049b1c4fb, CVE-2026-43121',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: buffers, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: buffers, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'A buffer that an application gives back is taken by the refill, under the lock of the ring: it reads the count of the users, and as that is not 0, it takes one off. Shutting the queue down takes all of the count at once, without that lock. Between the read and the decrement it takes the one that the refill has just seen; both put the reference of the pool, and the buffer is on the free list twice. The list has no room for it: the next write is behind its end.',
  fix: 'A loop of compare-and-exchange: whoever sees the one takes it, or sees that it is gone.',
  lesson:
    'A lock protects from those who take it. The count was atomic in each of its two operations, and that is not one operation.',
  words: [
    'io_uring',
    'zcrx',
    'zero-copy receive',
    'niov',
    'scrub',
    'refill',
    'double free',
    'race',
  ],
};
