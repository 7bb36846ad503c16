// A bridge: a packet for a known address goes out at one port, any other at all of them, and then every port but
// the last gets a clone that shares the data.
// Model: there is no Ethernet header, so the IP addresses stand for the stations'.
import { expectNoMemory } from '../../errors.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { NetDevice, type Features, type Receiver, type XmitResult } from '../core/dev.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { skbClone } from '../core/skb_clone.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { ipDaddr, ipSaddr } from '../ipv4/ip_header.ts';
import { declareState } from '../../state.ts';

/** One port: what its device receives goes to the bridge. @kernel net/bridge/br_private.h net_bridge_port */
class BridgePort implements Receiver {
  readonly rxHandler = true;
  private readonly bridge: Bridge;
  readonly device: NetDevice;

  constructor(bridge: Bridge, device: NetDevice) {
    this.bridge = bridge;
    this.device = device;
  }

  receive(skb: SkBuff): void {
    this.bridge.handleFrame(this, skb);
  }
}

declareState(BridgePort, {
  state: 'bridge device',
  constant: 'rxHandler',
});

/** @kernel net/bridge/br_forward.c br_flood, br_forward; br_input.c br_handle_frame_finish (2.6.24) */
export class Bridge extends NetDevice implements Holder {
  private readonly ports: BridgePort[] = [];
  /** The port behind which an address was seen. @kernel net/bridge/br_fdb.c */
  private readonly fdb = new Map<number, BridgePort>();

  constructor(k: Kernel, name: string, features: Features, mtu = 1500) {
    super(k, name, features, mtu);
    k.holders.push(this);
  }

  /** @kernel net/bridge/br_if.c br_add_if */
  add(device: NetDevice): void {
    const port = new BridgePort(this, device);
    device.receiver = port;
    this.ports.push(port);
  }

  /** The host itself sends through the bridge. @kernel net/bridge/br_device.c br_dev_xmit */
  protected startXmit(skb: SkBuff): XmitResult {
    this.deliver(skb, null);
    return 'ok';
  }

  handleFrame(from: BridgePort, skb: SkBuff): void {
    this.fdb.set(ipSaddr(this.k.mem, skb), from);
    this.deliver(skb, from);
  }

  private deliver(skb: SkBuff, from: BridgePort | null): void {
    const port = this.fdb.get(ipDaddr(this.k.mem, skb));
    if (port === undefined) this.flood(skb, from);
    else if (port === from) kfreeSkb(this.k, skb);
    else port.device.queueXmit(skb);
  }

  /**
   * Out at every port but `from`: the last one gets `skb` itself. Without memory for a clone the ports that are
   * left get nothing.
   */
  flood(skb: SkBuff, from: BridgePort | null = null): void {
    const { k } = this;
    let prev: BridgePort | null = null;
    for (const port of this.ports) {
      if (port === from) continue;
      if (prev !== null) {
        let clone: SkBuff;
        try {
          clone = skbClone(k, skb, Site.TAP);
        } catch (error) {
          expectNoMemory(error);
          this.drops++;
          kfreeSkb(k, skb);
          return;
        }
        prev.device.queueXmit(clone);
      }
      prev = port;
    }
    if (prev === null) kfreeSkb(k, skb);
    else prev.device.queueXmit(skb);
  }

  forEachReader(visitor: HolderVisitor): void {
    this.visitQueued(visitor);
  }
}

declareState(Bridge, {
  state: 'ports fdb',
});
