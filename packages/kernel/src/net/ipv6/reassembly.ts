// Reassembly of IPv6: the fragment header goes, and what stands in front of it moves up.
import type { Kernel } from '../../kernel.ts';
import { skbPull, skbPush } from '../core/skb_alloc.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { FragQueue, InetFrags } from '../ipv4/inet_fragment.ts';
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
} from './ipv6_header.ts';
import { declareState } from '../../state.ts';

/** How long fragments wait for the others, in ticks. @kernel include/net/ipv6.h IPV6_FRAG_TIMEOUT */
export const IPV6_FRAG_TIMEOUT = 60_000_000;

/** @kernel include/net/ipv6_frag.h struct frag_queue */
class Ip6Queue extends FragQueue {
  readonly saddr: number;
  readonly daddr: number;
  readonly id: number;

  constructor(mem: Uint8Array, skb: SkBuff, due: number) {
    super(due);
    this.saddr = ip6Saddr(mem, skb);
    this.daddr = ip6Daddr(mem, skb);
    this.id = ip6FragId(mem, skb.data);
  }

  override is(mem: Uint8Array, skb: SkBuff): boolean {
    return (
      ip6FragId(mem, skb.data) === this.id &&
      ip6Saddr(mem, skb) === this.saddr &&
      ip6Daddr(mem, skb) === this.daddr
    );
  }
}

declareState(Ip6Queue, { constant: 'saddr daddr id' });

/** All datagrams of a host that are not whole. @kernel net/ipv6/reassembly.c ipv6_frag_rcv (5.10) */
export class Ip6Frags extends InetFrags<Ip6Queue> {
  constructor(k: Kernel, host: string, ofPeer: boolean) {
    super(k, `ip6 fragments ${host}`, ofPeer);
  }

  protected override begin(skb: SkBuff): Ip6Queue {
    const { k } = this;
    return new Ip6Queue(k.mem, skb, k.agenda.now + IPV6_FRAG_TIMEOUT);
  }

  /** @kernel net/ipv6/reassembly.c ip6_frag_queue (5.10) */
  protected override queue(queue: Ip6Queue, skb: SkBuff): boolean {
    const field = ip6FragOff(this.k.mem, skb.data);
    const offset = field & IP6_OFFSET;
    const end = offset + skb.len - IPV6_HEADER - FRAG_HEADER;
    if (!this.insert(queue, skb, offset, end)) return false;
    if ((field & IP6_MF) === 0) queue.len = end;
    skbPull(skb, IPV6_HEADER + FRAG_HEADER);
    return true;
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
