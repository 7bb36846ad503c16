import {
  Context,
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
import type { Operation } from '@lastref/operations';
import { Act } from '../../act.ts';
import { recipe } from '../../recipe.ts';
import { Views } from '../../views.ts';

/** Endpoints that want every packet. */
const ENDPOINTS = 2;

/** What the device has of the packet that it delivers. */
export abstract class Delivery implements Holder {
  protected readonly k: Kernel;
  /** The loop's own pointer to the packet, for the endpoints that are still to come. */
  protected readonly loop: Views;
  /** References that somebody has taken. */
  protected readonly packets = new SkBuffHead();
  private left = ENDPOINTS;

  constructor(k: Kernel) {
    this.k = k;
    this.loop = new Views(k, 'delivery loop', Reader.TAP);
    k.holders.push(this);
  }

  begin(skb: SkBuff): void {
    this.loop.of(skb);
    this.packets.push(skbClone(this.k, skb, Site.TAP)); // the reference that the device has
  }

  /** One endpoint more. True: there are others. */
  deliver(): boolean {
    this.loop.read();
    this.delivered();
    if (--this.left > 0) return true;
    this.loop.forget();
    this.over();
    return false;
  }

  /** An endpoint has had the packet. */
  protected delivered(): void {}
  /** All have. */
  protected over(): void {}

  protected release(): void {
    const skb = this.packets.shift();
    if (skb === null) return;
    probeReads(this.k, skb, Reader.TAP);
    kfreeSkb(this.k, skb);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.packets.first, visitor, 'device');
  }
}

declareState(Delivery, { state: 'packets left', constant: 'k loop' });

/** Model: an endpoint is a step, as others run between two of them. */
export function deliverToAll(version: string, make: (k: Kernel) => Delivery): Operation {
  return recipe(`nic_deliver ${version}`, 'gVisor, pkg/tcpip/stack/nic.go', (b) => {
    const { k } = b;
    const delivery = make(k);
    const next: Act = new Act(
      k,
      'delivery',
      'goes to the next endpoint',
      () => {
        if (delivery.deliver()) next.arm();
      },
      Context.SOFTIRQ,
    );
    b.watch(next, 'device');
    delivery.begin(b.packet(b.first));
    next.arm();
  });
}
