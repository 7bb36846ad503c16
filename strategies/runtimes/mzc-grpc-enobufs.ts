import { ENOBUFS, type Runtime } from '@lastref/kernel';
import { ZerocopySender, type Sending, type Socket } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-grpc-enobufs',
  title: 'no memory for a notification: wait for one',
  year: 2022,
  source:
    'grpc/grpc pull request 30320, for 29961: posix_endpoint.h UpdateZeroCopyOptMemStateAfterSend',
  status: 'canary',
  summary:
    'A call that finds no memory for its notification is tried again when another call was announced, as that has given its memory back. The first call of all may find none either, and then nothing will ever be announced.',
  over: 'msg-zerocopy',
  create: (calls) => new WaitsForMemory(calls),
} satisfies Runtime;

export class WaitsForMemory extends ZerocopySender {
  protected override noMemory(socket: Socket, sending: Sending): number {
    return this.waits(socket) ? -ENOBUFS : super.noMemory(socket, sending);
  }

  /** A notification will say when there is memory again. */
  protected waits(_socket: Socket): boolean {
    return true; // OptMemState::kFull, whether or not a record is out
  }

  override notified(connection: number, lo: number, hi: number, copied: boolean): void {
    super.notified(connection, lo, hi, copied);
    this.pump(); // UpdateZeroCopyOptMemStateAfterFree
  }
}
