// Reassembly of IPv6: the fragment header goes, and what stands in front of it moves up.
import type { Kernel } from '../../kernel.ts';
import { fragHeadersLen } from '../af_ops.ts';
import { skbPush } from '../core/skb_alloc.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { InetFrags, type FragKey } from '../ipv4/inet_fragment.ts';
import {
  FRAG_HEADER,
  IP6_MF,
  IP6_OFFSET,
  IPV6_HEADER,
  fixIpv6Header,
  ip6Daddr,
  ip6FragId,
  ip6FragNexthdr,
  ip6FragOff,
  ip6Saddr,
  ipv6Nexthdr,
  ipv6Specific,
} from './ipv6_header.ts';
import { declareState } from '../../state.ts';

/** @kernel include/net/ipv6.h IPV6_FRAG_TIMEOUT */
export const IPV6_FRAG_TIMEOUT = 60_000_000;
const OF_IPV6 = { timeout: IPV6_FRAG_TIMEOUT, headersLen: fragHeadersLen(ipv6Specific) };

/** All datagrams of a host that are not whole. @kernel net/ipv6/reassembly.c ipv6_frag_rcv (5.10) */
export class Ip6Frags extends InetFrags {
  constructor(k: Kernel, host: string, ofPeer: boolean) {
    super(k, `ip6 fragments ${host}`, ofPeer, OF_IPV6);
  }

  /** @kernel include/net/ipv6_frag.h struct frag_queue */
  protected override keyOf(skb: SkBuff): FragKey {
    const { mem } = this.k;
    return {
      saddr: ip6Saddr(mem, skb),
      daddr: ip6Daddr(mem, skb),
      id: ip6FragId(mem, skb.data),
      protocol: 0,
    };
  }

  protected override offsetOf(skb: SkBuff): number {
    return ip6FragOff(this.k.mem, skb.data) & IP6_OFFSET;
  }

  protected override moreFollow(skb: SkBuff): boolean {
    return (ip6FragOff(this.k.mem, skb.data) & IP6_MF) !== 0;
  }

  /**
   * The fragment header is overwritten by what stood in front of it, from the beginning of the head on.
   * @kernel net/ipv6/reassembly.c ip6_frag_reasm (5.10)
   */
  protected override beforeJoin({ data, shinfo: { head } }: SkBuff): void {
    const { mem } = this.k;
    const at = data - FRAG_HEADER - IPV6_HEADER;
    fixIpv6Header(mem, at, 0, ip6FragNexthdr(mem, at));
    mem.copyWithin(head + FRAG_HEADER, head, data - FRAG_HEADER);
  }

  protected override afterJoin(head: SkBuff): void {
    const { mem } = this.k;
    const at = skbPush(head, IPV6_HEADER);
    fixIpv6Header(mem, at, head.len - IPV6_HEADER, ipv6Nexthdr(mem, at));
  }
}

declareState(Ip6Frags, {});
