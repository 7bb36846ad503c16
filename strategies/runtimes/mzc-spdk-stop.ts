import type { Runtime } from '@lastref/kernel';
import { ZerocopySender } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-spdk-stop',
  title: 'who is stopped takes his buffers along',
  year: 2025,
  source: 'spdk/spdk issue 3760: an NVMe/TCP target that stops its listener',
  status: 'canary',
  summary:
    'Stopping aborts the requests, and their buffers go back to the pool; what was sent from them is still in the write queue.',
  over: 'msg-zerocopy',
  create: (calls) => new Stops(calls),
} satisfies Runtime;

class Stops extends ZerocopySender {
  override stop(): void {
    this.stopping = true;
    this.queue = [];
    for (const sending of this.held) this.giveBack(sending);
    for (const { number } of this.sockets) {
      this.calls.shutdown(number);
      this.calls.close(number);
    }
    this.sockets = [];
  }
}
