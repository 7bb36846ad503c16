import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pairs = program(
  'rxe-state-lock',
  'a queue pair that completes sends in a softirq',
  2023,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'rxe-state-lock',
  title: 'a packet comes in under a lock that its receiver takes',
  year: 2023,
  where: 'Linux, drivers/infiniband/sw/rxe/rxe_req.c req_next_wqe',
  source: 'commit 10af303192bc, for f605f26ea196',
  kind: 'told too late or never',
  property: 'stuck',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: pairs, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: pairs, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'A process posts a send; the requester looks at the state of the queue pair under its lock, which it takes by spin_lock. A packet arrives on the same processor: the softirq takes the same lock to see whether the packet is allowed, and spins for ever on what the process under it holds. The send is never over, nor anything else on this processor.',
  fix: 'The requester takes the lock by spin_lock_bh, so that no softirq comes in under it.',
  lesson:
    'Whoever takes a lock that completions take has to keep them away while it has it. The report calls it easy to reproduce, with perftest.',
  words: ['rdma', 'rxe', 'roce', 'verbs', 'softirq', 'spinlock recursion', 'deadlock', 'lockup'],
};
