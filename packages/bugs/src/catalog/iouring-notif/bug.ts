import type { Bug } from '../../bug.ts';
import { design } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'iouring-notif',
  title: 'a failed SEND_ZC is taken for over, and its notification comes all the same',
  year: 2025,
  where: 'io_uring/net.c and those who use it: netty, transport-classes-io_uring',
  source: 'axboe/liburing issue 1462, netty/netty issue 15599',
  kind: 'told twice',
  property: 'double',
  on: [],
  bound: { failures: 1 },
  wrong: { design, era: 'debian-6.12.117', on: [{ program: wrong }] },
  fixed: { design, era: 'debian-6.12.117', on: [{ program: fixed }] },
  mechanism:
    'SEND_ZC has two completions: the result, and a notification when the buffer is free. With -ENOMEM there may be one or two: one where the notification itself could not be allocated, two where that was done and the next allocation failed; canceled requests have two. A runtime that takes an error for the end removes its entry for the buffer, and the notification finds none: NoSuchElementException, very rarely, in production.',
  fix: 'Not the result decides but IORING_CQE_F_MORE in the first completion; the manual page of io_uring_enter says so.',
  lesson:
    'What a caller must do after an error is part of the interface. Three weeks from the report to the question whether there is a notification at all; with allocations that fail in turn it is five steps.',
  left: 'Played is the runtime. Whether the kernel still answers one error in two ways was not looked up.',
  words: [
    'io_uring',
    'send_zc',
    'sendmsg_zc',
    'netty',
    'enomem',
    'f_more',
    'cqe',
    'notification',
    'nosuchelementexception',
  ],
};
