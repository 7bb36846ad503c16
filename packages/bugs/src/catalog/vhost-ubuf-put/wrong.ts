import { Vhost, packet } from './common.ts';

class FreesAtOnce extends Vhost {
  protected override free(): void {
    this.leave(); // kfree
  }
}

export const wrong = packet('wrong', (k) => new FreesAtOnce(k));
