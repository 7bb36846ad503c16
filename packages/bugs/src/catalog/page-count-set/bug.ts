import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { PutsPages } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const packets = program(
  'page-count-set',
  'packets whose pages are put one by one',
  2014,
  (k) => new PutsPages(k),
);

export const bug: Bug = {
  id: 'page-count-set',
  title: 'a driver that has a page to itself sets its count, and forgets who has just come',
  year: 2014,
  where: 'Linux, drivers fm10k, igb, ixgbe, mlx4',
  source: 'Eric Dumazet, net: fix races accessing page->_count (four patches, merge 35b7a1915aa3)',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: packets, era: '3.8', on: [{ program: wrong }] },
  fixed: { design: packets, era: '3.8', on: [{ program: fixed }] },
  mechanism:
    'A driver passes half of a page on. If the count of the page is 1, nobody else has it, so the driver keeps it for the other half: one reference for the packet, one for itself, and it writes 2 into the count. Others do not ask whose page it is: migration and compaction take a reference on any page whose count is not 0, look at it, and put it again. A reference that is taken between the look and the write is lost, its put is not: the page is freed while the driver receives into it.',
  fix: 'An atomic increment.',
  lesson:
    'To own all references of a page is not to own its count. The author of the series had never seen a crash of it; Andres Lagar-Cavilla and Hugh Dickins had reported it.',
  words: [
    'igb',
    'ixgbe',
    'mlx4',
    'page_count',
    'atomic_set',
    'get_page_unless_zero',
    'compaction',
    'race',
  ],
};
