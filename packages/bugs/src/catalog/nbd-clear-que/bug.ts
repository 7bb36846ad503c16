import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const requests = program(
  'nbd-clear-que',
  'a request that is over once',
  2021,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'nbd-clear-que',
  title: 'a reply and a disconnect both end a request',
  year: 2021,
  where: 'Linux, drivers/block/nbd.c nbd_clear_que, recv_work',
  source: 'commit cddce0116058',
  kind: 'told twice',
  property: 'double',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: requests, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: requests, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A request to a network block device is ended by the work that receives its reply, or, on a disconnect, by whoever goes through all requests that are out. Each looks whether the request is still out, and then ends it. A disconnect that comes between the look of the other one and its end ends the request too: its pages are given back twice.',
  fix: 'The disconnect shuts the sockets, waits until the work is done, and skips what is completed.',
  lesson:
    'Two who may end a thing have to settle it by one operation, or one of them has to be over. That repair was not the last: a later patch says that the problem is still there.',
  words: ['nbd', 'block device', 'disconnect', 'recv_work', 'double completion', 'request', 'race'],
};
