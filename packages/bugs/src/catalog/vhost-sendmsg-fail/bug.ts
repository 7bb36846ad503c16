import type { Bug } from '../../bug.ts';
import { design } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'vhost-sendmsg-fail',
  title: 'a send fails, and caller and callee both give the count back',
  year: 2020,
  where: 'Linux, drivers/vhost/net.c handle_tx_zerocopy',
  source: 'commit 01e31bea7e62',
  kind: 'told twice',
  property: 'double',
  on: [],
  bound: { failures: 1 },
  wrong: { design, era: '5.10.223', on: [{ program: wrong }] },
  fixed: { design, era: '5.10.223', on: [{ program: fixed }] },
  mechanism:
    'vhost takes a count for each packet that a guest sends by zero copy; the callback gives it back when the packet is gone. If sendmsg fails vhost gives it back itself, as there will be no callback. tun may fail early, with no packet, or late: then it frees a packet that has the record already, the callback runs, and the count is given back twice.',
  fix: 'vhost gives it back only where the descriptor still says that it is in progress; the callback changes that.',
  lesson:
    'An error code does not say how far the callee came. Every allocation made to fail once, in turn, meets both halves.',
  words: [
    'vhost',
    'vhost-net',
    'tun',
    'guest',
    'sendmsg',
    'error path',
    'use after free',
    'refcount',
  ],
};
