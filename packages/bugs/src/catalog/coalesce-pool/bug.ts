import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { PoolOfParts } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pool = program(
  'coalesce-pool',
  'a pool that counts the parts of its pages',
  2022,
  (k) => new PoolOfParts(k),
);

export const bug: Bug = {
  id: 'coalesce-pool',
  title: 'frags of a clone are taken by a plain reference, and given back to their pool',
  year: 2022,
  where: 'Linux, net/core/skbuff.c skb_try_coalesce',
  source: 'commit 1effe8ca4e34, CVE-2022-49093',
  kind: 'given back to the wrong place',
  property: 'early',
  on: [],
  wrong: { design: pool, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: pool, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A pool gives halves of a page to two descriptors, and counts two. A packet in the first half has a clone in a tap when TCP appends it to the packet before it: as the data is shared, each of its frags gets a reference more, and that is a plain one. Both packets have the mark of the pool, so both give a part back: the tap one, and the receive queue one. The pool has two, its page is free and unmapped, and a descriptor still has the other half.',
  fix: 'Two packets of a pool are not joined if the one that is appended is a clone.',
  lesson:
    'A reference has to be put by the count that it was taken by. The mark says of all frags of a packet which one that is; whoever appends frags has to ask how they came.',
  words: [
    'page_pool',
    'pp_recycle',
    'pp_frag_count',
    'tcp',
    'hns3',
    'iommu',
    'dma',
    'use after free',
  ],
};
