import type { Runtime } from '@lastref/kernel';
import { RingSender, type Entry } from './lib/ring.ts';

export const runtime = {
  id: 'sendzc-netty-order',
  title: 'notifications come in the order of the requests',
  year: 2026,
  source: 'netty/netty pull request 17238: zcWriteQueue, whose notification drains the head',
  status: 'canary',
  summary:
    'A queue of what was sent, of which each notification takes the head. A retransmission that the driver holds lets a later request be over first.',
  over: 'send-zc',
  create: (calls) => new InOrder(calls),
} satisfies Runtime;

class InOrder extends RingSender {
  protected override notification(): Entry | undefined {
    return this.entries[0];
  }
}
