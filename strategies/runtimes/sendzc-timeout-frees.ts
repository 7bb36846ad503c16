import type { Runtime } from '@lastref/kernel';
import { RingSender } from './lib/ring.ts';

export const runtime = {
  id: 'sendzc-timeout-frees',
  title: 'who waits no longer takes the buffer back',
  year: 2022,
  source: 'axboe/liburing issue 643: what happens to the buffer when a linked time-out fires?',
  status: 'canary',
  summary:
    'A time-out cancels the request, and the buffer is used again. What was sent before goes on: canceling changes nothing about it.',
  over: 'send-zc',
  create: (calls) => new TimeoutFrees(calls),
} satisfies Runtime;

class TimeoutFrees extends RingSender {
  override timedOut(buffer: number): void {
    super.timedOut(buffer);
    const sending = this.held.find((s) => s.buffer === buffer);
    if (sending === undefined) return;
    sending.sent = sending.size;
    this.giveBack(sending);
  }
}
