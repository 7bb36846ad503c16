import type { Runtime } from '@lastref/kernel';
import { ZerocopySender } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-owner',
  title: 'MSG_ZEROCOPY as its documentation asks for',
  year: 2017,
  source: 'Documentation/networking/msg_zerocopy.rst (6.12)',
  summary:
    'A buffer is its own again when every call that lent of it was announced, by number and socket, in whatever order; a socket stays open until then.',
  over: 'msg-zerocopy',
  create: (calls) => new Owner(calls),
} satisfies Runtime;

/** All that `ZerocopySender` does is right as it is; the wrong ones beside this file change one thing each. */
class Owner extends ZerocopySender {}
