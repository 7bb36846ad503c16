import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pages = program(
  'pagepool-ring',
  'a page that is back when the put has returned',
  2025,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'pagepool-ring',
  title: 'a pool is freed while its last page is still being put into its ring',
  year: 2025,
  where: 'Linux, net/core/page_pool.c page_pool_recycle_in_ring',
  source: 'commit 271683bb2cf3, CVE-2025-38129',
  kind: 'told in a wrong context',
  property: 'context',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: pages, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: pages, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'A driver gives its pool up, and a work looks now and then whether all pages are back. The last page comes back: it stands in the ring, and the lock of the ring is still held. The work empties the ring, finds no page out, and frees the pool with its ring and its lock; then the lock is given back.',
  fix: 'Before it frees the pool, the work takes the lock of the producers once and gives it back: whoever was in there is out.',
  lesson:
    'What is published can be acted on before whoever published it has returned. syzbot found it, with a checker of locks that reads a lock when it is given back.',
  words: ['page_pool', 'ptr_ring', 'recycle', 'syzbot', 'kasan', 'use after free', 'race'],
};
