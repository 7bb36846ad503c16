// Reassembly of IPv4: what a fragment belongs to, and its header.
import type { Kernel } from '../../kernel.ts';
import { skbPush } from '../core/skb_alloc.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { InetFrags, type FragKey } from './inet_fragment.ts';
import {
  IP_HEADER,
  IP_MF,
  IP_OFFSET,
  fixFragmentHeader,
  ipDaddr,
  ipFragOff,
  ipId,
  ipProtocol,
  ipSaddr,
} from './ip_header.ts';
import { declareState } from '../../state.ts';

/** @kernel include/net/ip.h IP_FRAG_TIME */
export const IP_FRAG_TIME = 30_000_000;
const OF_IPV4 = { timeout: IP_FRAG_TIME, headersLen: IP_HEADER };

/** All datagrams of a host that are not whole. @kernel net/ipv4/ip_fragment.c ip_defrag (2.6.24) */
export class IpFrags extends InetFrags {
  constructor(k: Kernel, host: string, ofPeer: boolean) {
    super(k, `ip fragments ${host}`, ofPeer, OF_IPV4);
  }

  /** @kernel net/ipv4/ip_fragment.c struct ipq */
  protected override keyOf(skb: SkBuff): FragKey {
    const { mem } = this.k;
    return {
      saddr: ipSaddr(mem, skb),
      daddr: ipDaddr(mem, skb),
      id: ipId(mem, skb.data),
      protocol: ipProtocol(mem, skb.data),
    };
  }

  protected override offsetOf(skb: SkBuff): number {
    return (ipFragOff(this.k.mem, skb.data) & IP_OFFSET) << 3;
  }

  protected override moreFollow(skb: SkBuff): boolean {
    return (ipFragOff(this.k.mem, skb.data) & IP_MF) !== 0;
  }

  protected override beforeJoin(): void {}

  /** @kernel net/ipv4/ip_fragment.c ip_frag_reasm (2.6.24) */
  protected override afterJoin(head: SkBuff): void {
    skbPush(head, IP_HEADER);
    fixFragmentHeader(this.k.mem, head.data, head.len - IP_HEADER, 0, false);
  }
}

declareState(IpFrags, {});
