import { MSG_ZEROCOPY, type Runtime } from '@lastref/kernel';
import { ZerocopySender, type Sending } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-photon-failed-call',
  title: 'a call that failed is counted',
  year: 2026,
  source: 'alibaba/PhotonLibOS pull request 1264, net/kernel_socket.cpp do_sendmsg',
  status: 'canary',
  summary:
    'The number of calls goes up whether or not the call took something. The kernel gives a failed call no number, so the program waits for a notification that never comes.',
  over: 'msg-zerocopy',
  create: (calls) => new CountsAll(calls),
} satisfies Runtime;

class CountsAll extends ZerocopySender {
  /** -EAGAIN, -ENOBUFS: the call has failed, and has a number here. */
  protected override refused(sending: Sending, flags: number): void {
    const socket = this.socketInUse();
    if (flags === MSG_ZEROCOPY && socket !== undefined) this.lent(socket, sending);
  }
}
