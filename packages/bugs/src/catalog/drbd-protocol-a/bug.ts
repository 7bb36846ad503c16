import type { Bug } from '../../bug.ts';
import { flow } from '../../flow.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'drbd-protocol-a',
  title: 'a mirrored write is over when it is queued, and its pages are sent later',
  year: 2010,
  where: 'Linux, drivers/block/drbd/drbd_main.c _drbd_send_page',
  source: 'DRBD cbcdb50c, and the comment at _drbd_send_page',
  kind: 'told too early',
  property: 'corrupt',
  harm: 'delivered',
  on: [
    {
      program: flow({
        id: 'drbd-protocol-a',
        title: 'a mirrored write of two pages',
        operations: 1,
        pagesPerOperation: 2,
        sndbuf: 65_536,
      }),
    },
  ],
  wrong: { design: wrong, era: '2.6.32' },
  fixed: { design: fixed, era: '2.6.32' },
  mechanism:
    'With the asynchronous protocol a write is reported as done when sendpage has taken it. TCP reads the pages when it sends them, and again when it has to repeat: by then the writer may have changed them, and the mirror gets what was never written.',
  fix: 'Pages that DRBD has of its own are parked on a list, and come back when their count has fallen. For pages of others the comment admits that nothing is done.',
  lesson:
    'The list is looked at when an ACK is read. When that was lost in 2015, pages piled up instead: early and never are the two sides of one question.',
  left: 'Nobody looks at the list after the last ACK: a page whose last reader is a driver comes back with the next write, if there is one.',
  words: ['drbd', 'mirror', 'replication', 'asynchronous', 'protocol a', 'corruption'],
};
