import type { Bug } from '../../bug.ts';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

/** The transport: it completes when it is done with the memory, whatever became of the handle. */
const transport = program(
  'nixl-release',
  'a transport that completes a transfer when it is over',
  2026,
  (k) => new FragCounts(k),
);

export const bug: Bug = {
  id: 'nixl-release',
  title: 'a handle is released, its memory deregistered, and then the transfer completes',
  year: 2026,
  where: 'NIXL, src/plugins/ucx/ucx_backend.cpp',
  source: 'ai-dynamo/nixl PR 2044, issue 2048',
  kind: 'told in a wrong context',
  property: 'context',
  on: [],
  bound: { drops: 0, retransmissions: 0 },
  wrong: { design: transport, era: '3.8', on: [{ program: wrong }] },
  fixed: { design: transport, era: '3.8', on: [{ program: fixed }] },
  mechanism:
    'Releasing the handle of a transfer cancels it and returns. For a transfer without copies to cancel does nothing: it goes on. The caller takes it for over and deregisters the memory, and the completion that comes later goes through a registration which is freed.',
  fix: 'Proposed: release waits until the transfer has come to its end.',
  lesson:
    'Cancel and forget are two things. Measured by its author: 8 kB of 64 MB had arrived when release returned.',
  left: 'The proposal waits ten seconds at most and returns then all the same: issue 2048 is about what is left. Here it waits as long as it takes.',
  words: [
    'nixl',
    'ucx',
    'rdma',
    'cancel',
    'deregister',
    'handle',
    'release',
    'use after free',
    'gpu',
  ],
};
