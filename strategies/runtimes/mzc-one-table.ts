import type { Runtime } from '@lastref/kernel';
import { ZerocopySender, type Sending, type Socket } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-one-table',
  title: 'numbers of calls without their socket',
  year: 2026,
  source: 'no program: a canary for runtime-reset',
  status: 'canary',
  summary:
    'One table for the calls of all sockets. A new socket counts from 0, and what the old one says late is taken for news of the new one.',
  over: 'msg-zerocopy',
  create: (calls) => new OneTable(calls),
} satisfies Runtime;

class OneTable extends ZerocopySender {
  private readonly table = new Map<number, Sending>();

  protected override lent(socket: Socket, sending: Sending): void {
    const { next } = socket;
    super.lent(socket, sending);
    this.table.set(next, sending);
  }

  override notified(connection: number, lo: number, hi: number): void {
    const { calls } = this.socketOf(connection);
    for (let call = lo; ; call = (call + 1) >>> 0) {
      const sending = this.table.get(call);
      this.table.delete(call);
      calls.delete(call);
      if (sending !== undefined) {
        sending.out--;
        this.settle(sending);
      }
      if (call === hi) break;
    }
    this.idle();
  }
}
