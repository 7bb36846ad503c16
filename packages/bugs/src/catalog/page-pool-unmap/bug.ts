import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pages = program(
  'page-pool-unmap',
  'a page that stays mapped for its device until it leaves its pool',
  2025,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'page-pool-unmap',
  title: 'a page that comes back late is unmapped from a device that is gone',
  year: 2025,
  where: 'Linux, net/core/page_pool.c page_pool_return_page, page_pool_destroy',
  source: 'commit ee62ce7a1d90, for ff7d6b27f894 (6.16)',
  kind: 'used after it was freed',
  property: 'freed',
  on: [],
  wrong: { design: pages, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: pages, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'A pool maps its pages for the device once, and unmaps a page when that leaves the pool. A driver is unbound while a packet with such a page waits for a reader: the pool is destroyed as far as that goes, and what is left of it waits for the page. The device loses its IOMMU domain. When the reader is done the page leaves the pool, and is unmapped from the domain that is gone.',
  fix: 'The pool keeps a list of what it has mapped. When it is destroyed it unmaps all of it, whoever may have the pages; a page that comes back later was unmapped already.',
  lesson:
    'What the device needs ends with the device, what a reader needs ends with the reader. The pool hung both on one count, and held a reference on the struct device, which kept the struct and not what maps.',
  words: [
    'page_pool',
    'iommu',
    'dma',
    'dma_unmap',
    'inflight',
    'stalled pool',
    'use after free',
    'unbind',
  ],
};
