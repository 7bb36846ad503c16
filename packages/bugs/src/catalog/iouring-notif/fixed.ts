import { EventLoop, sendZc, type Cqe } from './common.ts';

/** Whether a notification follows is said by the completion, and by nothing else. */
class AsksTheFlag extends EventLoop {
  protected override isOver({ more }: Cqe): boolean {
    return !more;
  }
}

export const fixed = sendZc('fixed', (k, device) => new AsksTheFlag(k, device));
