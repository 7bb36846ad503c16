// Several devices on one wire, told apart by their addresses. A packet for a neighbour stays in the host; one
// for everybody is cloned for each.
// Model: there is no Ethernet header, so the IP destination stands for the address.
import { expectNoMemory } from '../../errors.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { Backlog } from '../../net/core/backlog.ts';
import { NetDevice, type Receiver, type XmitResult } from '../../net/core/dev.ts';
import { devForwardSkb } from '../../net/core/dev_forward.ts';
import { kfreeSkb } from '../../net/core/skb_free.ts';
import { skbClone } from '../../net/core/skb_clone.ts';
import type { SkBuff } from '../../net/core/skbuff.ts';
import { INADDR_BROADCAST, ipDaddr } from '../../net/ipv4/ip_header.ts';
import { declareState } from '../../state.ts';

/** What the lower device receives goes here. @kernel drivers/net/macvlan.c struct macvlan_port */
export class MacvlanPort implements Receiver {
  readonly rxHandler = true;
  readonly k: Kernel;
  readonly lower: NetDevice;
  readonly vlans: Macvlan[] = [];

  constructor(lower: NetDevice) {
    this.k = lower.k;
    this.lower = lower;
    lower.receiver = this;
  }

  find(address: number): Macvlan | undefined {
    return this.vlans.find((vlan) => vlan.address === address);
  }

  /** @kernel drivers/net/macvlan.c macvlan_handle_frame */
  receive(skb: SkBuff): void {
    const to = ipDaddr(this.k.mem, skb);
    if (to === INADDR_BROADCAST) this.broadcast(skb, null);
    const vlan = this.find(to);
    if (vlan === undefined) kfreeSkb(this.k, skb);
    else vlan.backlog.netifRx(skb);
  }

  /** A clone for every device but `source`; one that finds no memory gets nothing. @kernel macvlan_broadcast */
  broadcast(skb: SkBuff, source: Macvlan | null): void {
    for (const vlan of this.vlans) {
      if (vlan === source) continue;
      try {
        const clone = skbClone(this.k, skb, Site.TAP);
        if (source === null) vlan.backlog.netifRx(clone);
        else devForwardSkb(vlan, clone); // macvlan_broadcast_one: local
      } catch (error) {
        expectNoMemory(error);
        vlan.drops++;
      }
    }
  }
}

declareState(MacvlanPort, {
  state: 'lower vlans',
  constant: 'k rxHandler',
});

/** @kernel drivers/net/macvlan.c macvlan_queue_xmit, macvlan_broadcast_one (2.6.33, 4.9, 7.2; bridge mode) */
export class Macvlan extends NetDevice implements Holder {
  readonly address: number;
  readonly backlog: Backlog;
  private readonly port: MacvlanPort;

  constructor(port: MacvlanPort, name: string, address: number) {
    super(port.k, name, port.lower.features, port.lower.mtu);
    this.port = port;
    this.address = address;
    this.backlog = new Backlog(this);
    port.vlans.push(this);
    this.k.holders.push(this);
  }

  protected startXmit(skb: SkBuff): XmitResult {
    const { port } = this;
    const to = ipDaddr(this.k.mem, skb);
    const neighbour = port.find(to);
    if (neighbour !== undefined) {
      devForwardSkb(neighbour, skb);
      return 'ok';
    }
    if (to === INADDR_BROADCAST) port.broadcast(skb, this);
    port.lower.queueXmit(skb);
    return 'ok';
  }

  forEachReader(visitor: HolderVisitor): void {
    this.backlog.visit(visitor);
    this.visitQueued(visitor);
  }
}

declareState(Macvlan, {
  state: 'backlog port',
  constant: 'address',
});
