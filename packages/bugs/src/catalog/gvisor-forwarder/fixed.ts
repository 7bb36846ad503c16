import {
  Reader,
  Site,
  SkBuffHead,
  declareState,
  kfreeSkb,
  probeReads,
  skbClone,
  visitList,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type SkBuff,
} from '@lastref/kernel';
import { udpForwarder, type ForwarderQueue } from './common.ts';

/** The handler is given a reference of its own, and drops it. */
class Holds implements ForwarderQueue, Holder {
  private readonly k: Kernel;
  private readonly packets = new SkBuffHead();

  constructor(k: Kernel) {
    this.k = k;
    k.holders.push(this);
  }

  queue(skb: SkBuff): void {
    this.packets.push(skbClone(this.k, skb, Site.TAP)); // pkt.IncRef()
  }

  handle(): void {
    for (let skb = this.packets.shift(); skb !== null; skb = this.packets.shift()) {
      probeReads(this.k, skb, Reader.APPLICATION);
      kfreeSkb(this.k, skb); // pkt.DecRef()
    }
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.packets.first, visitor, 'forwarder');
  }
}

declareState(Holds, { state: 'packets', constant: 'k' });

export const fixed = udpForwarder('(fixed)', (k) => new Holds(k));
