import type { Runtime } from '@lastref/kernel';
import { RingSender, type Entry } from './lib/ring.ts';

export const runtime = {
  id: 'sendzc-netty-error',
  title: 'an error is the end of a request',
  year: 2025,
  source: 'netty/netty issue 15599, axboe/liburing issue 1462',
  status: 'canary',
  summary:
    'A request that has failed has nothing more to say, and its entry goes. The notification comes all the same if there was memory for it, and takes the oldest entry of the queue: another request.',
  over: 'send-zc',
  create: (calls) => new ErrorEnds(calls),
} satisfies Runtime;

class ErrorEnds extends RingSender {
  protected override isLast(result: number): boolean {
    return result < 0;
  }

  /** Whose it is nobody asks: it comes in order. */
  protected override notification(): Entry | undefined {
    return this.entries.find((e) => e.answered);
  }
}
