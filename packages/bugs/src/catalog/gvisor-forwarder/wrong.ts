import { Reader, declareState, type Kernel, type SkBuff } from '@lastref/kernel';
import { Views } from '../../views.ts';
import { udpForwarder, type ForwarderQueue } from './common.ts';

/** The handler is given the packet, and no reference to it. */
class Borrows implements ForwarderQueue {
  private readonly views: Views;

  constructor(k: Kernel) {
    this.views = new Views(k, 'forwarder', Reader.APPLICATION);
  }

  queue(skb: SkBuff): void {
    this.views.of(skb); // &ForwarderRequest{pkt: pkt}
  }

  handle(): void {
    this.views.read();
    this.views.forget();
  }
}

declareState(Borrows, { constant: 'views' });

export const wrong = udpForwarder('(wrong)', (k) => new Borrows(k));
