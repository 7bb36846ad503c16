import { EventLoop, sendZc, type Cqe } from './common.ts';

/** A request that has failed has nothing more to say. */
class AsksTheResult extends EventLoop {
  protected override isOver({ failed }: Cqe): boolean {
    return failed;
  }
}

export const wrong = sendZc('wrong', (k, device) => new AsksTheResult(k, device));
