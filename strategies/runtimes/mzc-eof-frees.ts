import type { Runtime } from '@lastref/kernel';
import { ZerocopySender } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-eof-frees',
  title: 'the end of what the peer sends is the end',
  year: 2026,
  source: 'no program: a canary for runtime-half-close',
  status: 'canary',
  summary:
    'Reading 0 bytes is taken for a connection that is over, and all buffers go back; the other direction goes on.',
  over: 'msg-zerocopy',
  create: (calls) => new EofFrees(calls),
} satisfies Runtime;

class EofFrees extends ZerocopySender {
  override ended(_connection: number): void {
    this.queue = [];
    for (const sending of this.held) this.giveBack(sending);
  }
}
