import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { RecyclesByMark } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const recycling = program(
  'expand-head-page-pool',
  'pages that whoever has the mark gives back to their pool',
  2021,
  (k) => new RecyclesByMark(k),
);

export const bug: Bug = {
  id: 'expand-head-page-pool',
  title: 'a clone with a head of its own, and the packet it is of, both recycle the pages',
  year: 2021,
  where: 'Linux, net/core/skbuff.c skb_release_data',
  source: 'commit 2cc3aeb5eccc',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: recycling, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: recycling, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A packet has a mark that sends its pages back to their pool, and a clone has the mark of its packet. As long as they share the data, the last of the two lets go of the pages once. A clone that gets a head of its own takes plain references on the pages, and keeps the mark. When both are freed at the same time, both see a page that is of the pool: one finds that somebody else has it still, and takes it out of the pool; the other finds itself alone then, and puts the page into the pool that it has left.',
  fix: 'Whoever drops its share of the data without being the last loses the mark.',
  lesson:
    'One after the other, either order is right: the page leaves the pool, and the plain reference of the second is what frees it. No test had shown it: Alexander Duyck pointed it out a month after the recycling was merged.',
  words: ['page_pool', 'pp_recycle', 'skb_clone', 'pskb_expand_head', 'dma', 'double free', 'race'],
};
