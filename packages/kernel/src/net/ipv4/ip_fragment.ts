// Reassembly of IPv4: what a fragment belongs to, and its header.
import type { Kernel } from '../../kernel.ts';
import { skbPull, skbPush } from '../core/skb_alloc.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { FragQueue, InetFrags } from './inet_fragment.ts';
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

/** How long fragments wait for the others, in ticks. @kernel include/net/ip.h IP_FRAG_TIME */
export const IP_FRAG_TIME = 30_000_000;

/** @kernel net/ipv4/ip_fragment.c struct ipq */
class IpQueue extends FragQueue {
  readonly saddr: number;
  readonly daddr: number;
  readonly id: number;
  readonly protocol: number;

  constructor(mem: Uint8Array, skb: SkBuff, due: number) {
    super(due);
    this.saddr = ipSaddr(mem, skb);
    this.daddr = ipDaddr(mem, skb);
    this.id = ipId(mem, skb.data);
    this.protocol = ipProtocol(mem, skb.data);
  }

  override is(mem: Uint8Array, skb: SkBuff): boolean {
    return (
      ipId(mem, skb.data) === this.id &&
      ipSaddr(mem, skb) === this.saddr &&
      ipDaddr(mem, skb) === this.daddr &&
      ipProtocol(mem, skb.data) === this.protocol
    );
  }
}

declareState(IpQueue, { constant: 'saddr daddr id protocol' });

/** All datagrams of a host that are not whole. */
export class IpFrags extends InetFrags<IpQueue> {
  constructor(k: Kernel, host: string, ofPeer: boolean) {
    super(k, `ip fragments ${host}`, ofPeer);
  }

  protected override begin(skb: SkBuff): IpQueue {
    const { k } = this;
    return new IpQueue(k.mem, skb, k.agenda.now + IP_FRAG_TIME);
  }

  /** @kernel net/ipv4/ip_fragment.c ip_frag_queue (2.6.24) */
  protected override queue(queue: IpQueue, skb: SkBuff): boolean {
    const field = ipFragOff(this.k.mem, skb.data);
    const offset = (field & IP_OFFSET) << 3;
    const end = offset + skb.len - IP_HEADER;
    if (!this.insert(queue, skb, offset, end)) return false;
    if ((field & IP_MF) === 0) queue.len = end;
    skbPull(skb, IP_HEADER);
    return true;
  }

  protected override beforeJoin(): void {}

  /** @kernel net/ipv4/ip_fragment.c ip_frag_reasm (2.6.24) */
  protected override afterJoin(head: SkBuff): void {
    skbPush(head, IP_HEADER);
    fixFragmentHeader(this.k.mem, head.data, head.len - IP_HEADER, 0, false);
  }
}

declareState(IpFrags, {});
