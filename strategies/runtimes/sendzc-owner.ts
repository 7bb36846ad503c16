import type { Runtime } from '@lastref/kernel';
import { RingSender } from './lib/ring.ts';

export const runtime = {
  id: 'sendzc-owner',
  title: 'SEND_ZC as its manual page asks for',
  year: 2022,
  source: 'liburing man/io_uring_enter.2, IORING_OP_SEND_ZC',
  summary:
    'Whether a notification follows is said by IORING_CQE_F_MORE and by nothing else; a buffer is its own again when the last request that lent of it has had its notification.',
  over: 'send-zc',
  create: (calls) => new Owner(calls),
} satisfies Runtime;

/** All that `RingSender` does is right as it is; the wrong ones beside this file change one thing each. */
class Owner extends RingSender {}
