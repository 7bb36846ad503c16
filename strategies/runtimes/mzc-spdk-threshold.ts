import { MSG_ZEROCOPY, type Runtime } from '@lastref/kernel';
import { ZerocopySender, type Sending } from './lib/sockets.ts';

export const runtime = {
  id: 'mzc-spdk-threshold',
  title: 'the last call of a request decides whether it waits',
  year: 2025,
  source: 'spdk/spdk issue 3610, module/sock/posix/posix.c',
  status: 'canary',
  summary:
    'What is below a threshold is sent by copying. A request whose last part was copied is over when that call returns, though earlier parts were lent.',
  over: 'msg-zerocopy',
  create: (calls) => new Threshold(calls),
} satisfies Runtime;

/** Bytes below which a call copies. */
const THRESHOLD = 2048;

class Threshold extends ZerocopySender {
  /** What the last call was; nothing of those before. */
  private copied = false;

  protected override flagsFor(size: number): number {
    return size < THRESHOLD ? 0 : MSG_ZEROCOPY;
  }

  protected override took(_sending: Sending, flags: number): void {
    this.copied = flags !== MSG_ZEROCOPY;
  }

  protected override sentAll(sending: Sending): void {
    if (this.copied) this.giveBack(sending);
    else super.sentAll(sending);
  }
}
