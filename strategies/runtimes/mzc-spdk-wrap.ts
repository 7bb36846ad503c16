import type { Runtime } from '@lastref/kernel';
import { ZerocopySender, type Sending, type Socket } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-spdk-wrap',
  title: 'a number of its own for the last call before they begin again',
  year: 2025,
  source: 'spdk/spdk issue 3600, module/sock/posix/posix.c _sock_flush',
  status: 'canary',
  summary:
    'The program steps over 2^32 - 1 when it counts its calls, the kernel does not: from there on each is taken for the one before it, and one of them waits for ever.',
  over: 'msg-zerocopy',
  create: (calls) => new SkipsOne(calls),
} satisfies Runtime;

class SkipsOne extends ZerocopySender {
  protected override lent(socket: Socket, sending: Sending): void {
    if (socket.next === 0xffffffff) socket.next = 0;
    super.lent(socket, sending);
  }
}
