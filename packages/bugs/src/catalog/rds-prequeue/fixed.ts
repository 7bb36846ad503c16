import { RdsSender, sends, type RdsMessage } from './common.ts';

/** The notifier says it, on a socket or not. */
class AsksTheNotifier extends RdsSender {
  protected override isZcopy({ znotifier }: RdsMessage): boolean {
    return znotifier !== null;
  }
}

export const fixed = sends('fixed', (k) => new AsksTheNotifier(k));
