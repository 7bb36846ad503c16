import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pages = program(
  'mlx5e-refill',
  'a page that goes home with its last reference',
  2023,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'mlx5e-refill',
  title: 'an entry that could not be filled gives its old page back twice',
  year: 2023,
  where: 'Linux, drivers/net/ethernet/mellanox/mlx5/core/en_rx.c mlx5e_alloc_rx_mpwqe',
  source: 'commit be43b7489a3c',
  kind: 'told too early',
  property: 'early',
  on: [],
  bound: { failures: 1 },
  wrong: { design: pages, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: pages, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'An entry of a striding receive queue keeps its pages until it is filled again, so that they can be used once more while they are warm. To fill it is to let go of the old pages and to allocate new ones. If that fails the entry still has the old ones, and nothing says that they were let go of: the next try does so again, and takes the reference of a packet that somebody is reading.',
  fix: 'An entry that could not be filled is marked: there is nothing of it to be let go of.',
  lesson:
    'The release had moved from the end of one life to the beginning of the next, and its error path had stayed. Allocations of a pool hardly ever fail; there has been a test since that makes them fail.',
  words: [
    'mlx5',
    'page_pool',
    'striding',
    'refill',
    'enomem',
    'negative',
    'pp_frag_count',
    'receive',
    'warning',
  ],
};
