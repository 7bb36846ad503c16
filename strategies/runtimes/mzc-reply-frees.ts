import type { Runtime } from '@lastref/kernel';
import { ZerocopySender } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-reply-frees',
  title: 'the answer to a request ends it',
  year: 2026,
  source: 'no program: what strategies/rpc-reply.ts says of NFS, above a socket',
  status: 'canary',
  summary:
    'Whoever has answered has the data. A retransmission that the driver still holds is read later all the same.',
  over: 'msg-zerocopy',
  create: (calls) => new ReplyFrees(calls),
} satisfies Runtime;

class ReplyFrees extends ZerocopySender {
  override answered(_connection: number): void {
    const first = this.held.find((s) => s.sent === s.size);
    if (first !== undefined) this.giveBack(first);
    this.idle();
  }
}
