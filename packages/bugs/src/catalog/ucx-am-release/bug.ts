import type { Bug } from '../../bug.ts';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const descriptors = program(
  'ucx-am-release',
  'a descriptor, which an application has until it is done with it',
  2026,
  (k) => new FragCounts(k),
);

export const bug: Bug = {
  id: 'ucx-am-release',
  title: 'a buffer that was allocated goes back to a pool',
  year: 2026,
  where: 'UCX, src/ucp/core/ucp_am.c ucp_am_recv_data_nbx',
  source: 'openucx/ucx 45f8117a1f (PR 11468)',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  wrong: { design: descriptors, era: '3.8', on: [{ program: wrong }] },
  fixed: { design: descriptors, era: '3.8', on: [{ program: fixed }] },
  mechanism:
    'The data of a message may be kept beyond the callback that announces it. It stands in a descriptor of a pool, or, where a large message was put together from parts, in memory from malloc. There are two ways to be done with it: the function that gives it up looked at where it is from, the one that collects it did not, and put memory of malloc into the pool.',
  fix: 'Both look at the flag of the descriptor.',
  lesson:
    'The way home is a property of the buffer, not of the function that takes it. It needs a message that is large, sent eagerly, and collected later: three things that tests have one at a time.',
  words: [
    'ucx',
    'active message',
    'descriptor',
    'malloc',
    'mpool',
    'memory pool',
    'heap corruption',
  ],
};
