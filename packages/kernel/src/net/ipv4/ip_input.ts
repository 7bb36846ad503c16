// The way up from a device: fragments wait until the packet is whole, then the protocol gets it.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import type { NetDevice, Receiver } from '../core/dev.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { skbOrphanFragsRx } from '../core/skb_private.ts';
import { pskbMayPull } from '../core/skb_pull.ts';
import type { SkBuff } from '../core/skbuff.ts';
import {
  IPPROTO_TCP,
  IPPROTO_UDP,
  IP_HEADER,
  IP_MF,
  IP_OFFSET,
  ipFragOff,
  ipProtocol,
} from './ip_header.ts';
import { IpFrags } from './ip_fragment.ts';
import { declareState } from '../../state.ts';

/** One host's IP. A host that only speaks TCP needs none: its devices give packets to TCP itself. */
export class IpHost implements Receiver {
  readonly isIp = true;
  readonly k: Kernel;
  readonly frags: IpFrags;
  tcp: Receiver | null = null;
  udp: Receiver | null = null;

  constructor(k: Kernel, name: string, ofPeer = false) {
    this.k = k;
    this.frags = new IpFrags(k, name, ofPeer);
  }

  /** @kernel net/ipv4/ip_input.c ip_rcv, ip_local_deliver (2.6.24) */
  receive(skb: SkBuff, device: NetDevice): void {
    const { k } = this;
    if (!this.mayPullHeader(skb)) {
      kfreeSkb(k, skb);
      return;
    }
    let whole: SkBuff | null = skb;
    if ((ipFragOff(k.mem, skb.data) & (IP_MF | IP_OFFSET)) !== 0) whole = this.frags.defrag(skb);
    if (whole === null || !this.deliverFinish(whole)) return;
    const protocol = ipProtocol(k.mem, whole.data);
    const upper = protocol === IPPROTO_UDP ? this.udp : protocol === IPPROTO_TCP ? this.tcp : null;
    if (upper === null) kfreeSkb(k, whole);
    else upper.receive(whole, device);
  }

  /**
   * From 6.17 on a packet gets copies of what nobody may keep for ever only here; of those behind its frag_list nobody asks.
   * False: there was no memory, and it is gone.
   * @kernel net/ipv4/ip_input.c ip_local_deliver_finish (6.18)
   */
  private deliverFinish(skb: SkBuff): boolean {
    const { k } = this;
    if (!k.era.orphansRxLate) return true;
    try {
      skbOrphanFragsRx(k, skb);
      return true;
    } catch (error) {
      expectNoMemory(error);
      kfreeSkb(k, skb);
      return false;
    }
  }

  private mayPullHeader(skb: SkBuff): boolean {
    try {
      return pskbMayPull(this.k, skb, IP_HEADER);
    } catch (error) {
      expectNoMemory(error);
      return false;
    }
  }
}

declareState(IpHost, {
  state: 'frags tcp udp',
  constant: 'k isIp',
});
