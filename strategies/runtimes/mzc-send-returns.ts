import type { Runtime } from '@lastref/kernel';
import { ZerocopySender, type Sending } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-send-returns',
  title: 'a send that has returned is over',
  year: 2026,
  source:
    'glommio/glommio pull request 46: MSG_ZEROCOPY set for every send, and nobody reads the error queue',
  status: 'canary',
  summary:
    'The return of the last call is taken for the end: with MSG_ZEROCOPY it says that the data is queued, and the pages are read later.',
  over: 'msg-zerocopy',
  create: (calls) => new SendReturns(calls),
} satisfies Runtime;

class SendReturns extends ZerocopySender {
  protected override sentAll(sending: Sending): void {
    this.giveBack(sending);
  }

  /** Nobody reads the error queue. */
  override notified(connection: number, lo: number, hi: number): void {
    const { calls } = this.socketOf(connection);
    for (let call = lo; ; call = (call + 1) >>> 0) {
      calls.delete(call);
      if (call === hi) break;
    }
    this.idle();
  }

  protected override giveUp(): void {
    this.queue = [];
    for (const sending of this.held) this.giveBack(sending);
  }
}
