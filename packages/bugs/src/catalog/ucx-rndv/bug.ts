import type { Bug } from '../../bug.ts';
import { flow } from '../../flow.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

/** A request of four fragments through a socket that takes so many bytes at a time. */
const through = (sndbuf: number) => ({
  program: flow({
    id: `ucx-rndv-${sndbuf}`,
    title: `a request of four fragments through a socket that takes ${sndbuf} bytes`,
    operations: 1,
    pagesPerOperation: 4,
    sndbuf,
  }),
});

export const bug: Bug = {
  id: 'ucx-rndv',
  title: 'a request is over while parts of it still wait to be posted',
  year: 2017,
  where: 'UCX, src/ucp/rndv',
  source: 'openucx/ucx 5b1f879b82 (PR 1463)',
  kind: 'told twice',
  property: 'double',
  on: [through(65_536), through(8192)],
  bound: { drops: 0, retransmissions: 0 },
  wrong: { design: wrong, era: '3.8' },
  fixed: { design: fixed, era: '3.8' },
  mechanism:
    'A request of several fragments ran out of resources half-way. The count was that of the fragments posted so far; when they were done the request was, and it was done a second time when the rest had been posted and sent.',
  fix: 'The request counts as one more until all of it is posted.',
  lesson: 'Whoever counts references needs one of his own while he still hands them out.',
  words: ['ucx', 'rdma', 'rendezvous', 'no resource', 'partial', 'negative count'],
};
