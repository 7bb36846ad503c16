import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pages = program(
  'page-pool-scrub',
  'a page that whoever comes first unmaps, its pool or its reader',
  2026,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'page-pool-scrub',
  title: 'a pool that goes away unmaps a page, and writes to it when its last reader has put it',
  year: 2026,
  where: 'Linux, net/core/page_pool.c __page_pool_release_netmem_dma, page_pool_scrub',
  source: 'commit 24ef02f934ee, for ee62ce7a1d90',
  kind: 'used after it was freed',
  property: 'freed',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: pages, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: pages, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'Since 6.16 two may unmap a page: the pool when it is destroyed, and whoever brings the page back. An exchange in a list says which of them does it. The pool has no reference on the page: when it has won, another processor brings the page back, sees that there is nothing to unmap, and puts it. The pool goes on, reads the address out of what is free, unmaps that, and clears fields of a page that somebody else may have.',
  fix: 'It reads the address before the exchange, and who has no reference writes nothing to the page behind it.',
  lesson:
    'The exchange settled who unmaps, and was taken for more: whoever loses it need not wait for who has won. The repair of one use after free brought the next, a year later.',
  words: ['page_pool', 'xarray', 'xa_cmpxchg', 'dma', 'kasan', 'use after free', 'race', 'unbind'],
};
