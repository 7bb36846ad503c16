// Reassembly: fragments wait, in the packets that they came in, until the datagram is whole.
import { SingleStep } from '../../agenda.ts';
import { expectNoMemory } from '../../errors.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { Context } from '../../probe.ts';
import { skbPull, skbPush } from '../core/skb_alloc.ts';
import { skbClone } from '../core/skb_clone.ts';
import { skbTryCoalesce } from '../core/skb_coalesce.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { skbUnclone } from '../core/skb_head.ts';
import { skbMorph } from '../core/skb_private.ts';
import { Checksum, type SkBuff } from '../core/skbuff.ts';
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

/** The fragments of one datagram, by offset. @kernel net/ipv4/ip_fragment.c struct ipq */
class FragQueue {
  readonly saddr: number;
  readonly daddr: number;
  readonly id: number;
  readonly protocol: number;
  readonly due: number;
  readonly fragments: { readonly skb: SkBuff; readonly offset: number }[] = [];
  /** Bytes of the datagram, 0 while the last fragment is missing; and bytes that are here. */
  len = 0;
  meat = 0;

  constructor(mem: Uint8Array, skb: SkBuff, due: number) {
    this.saddr = ipSaddr(mem, skb);
    this.daddr = ipDaddr(mem, skb);
    this.id = ipId(mem, skb.data);
    this.protocol = ipProtocol(mem, skb.data);
    this.due = due;
  }

  is(mem: Uint8Array, skb: SkBuff): boolean {
    return (
      ipId(mem, skb.data) === this.id &&
      ipSaddr(mem, skb) === this.saddr &&
      ipDaddr(mem, skb) === this.daddr &&
      ipProtocol(mem, skb.data) === this.protocol
    );
  }
}

declareState(FragQueue, {
  state: 'fragments len meat',
  constant: 'saddr daddr id protocol',
  moment: 'due',
});

/** All datagrams of a host that are not whole. */
export class IpFrags extends SingleStep implements Holder {
  private readonly ofPeer: boolean;
  private readonly k: Kernel;
  private readonly queues: FragQueue[] = [];
  /** Datagrams given up: a fragment did not come, or there was no memory. */
  failures = 0;

  /** `ofPeer`: of a host that lends nothing. */
  constructor(k: Kernel, host: string, ofPeer: boolean) {
    super(`ip fragments ${host}`, 'gives up a datagram');
    this.k = k;
    this.ofPeer = ofPeer;
    k.agenda.add(this);
    k.holders.push(this);
  }

  override get lendsNothing(): boolean {
    return this.ofPeer;
  }

  /** Datagrams that wait for fragments. */
  get waiting(): number {
    return this.queues.length;
  }

  /** Takes a fragment; returns the datagram when it was the last one missing. @kernel net/ipv4/ip_fragment.c ip_defrag (2.6.24) */
  defrag(skb: SkBuff): SkBuff | null {
    const { k } = this;
    let queue = this.queues.find((q) => q.is(k.mem, skb));
    if (queue === undefined) {
      queue = new FragQueue(k.mem, skb, k.agenda.now + IP_FRAG_TIME);
      this.queues.push(queue);
      this.rearm();
    }
    if (!this.queue(queue, skb)) {
      kfreeSkb(k, skb);
      return null;
    }
    if (queue.len === 0 || queue.meat !== queue.len) return null;
    this.forget(queue);
    try {
      return this.reasm(queue, skb);
    } catch (error) {
      expectNoMemory(error);
      this.failures++;
      this.drop(queue);
      return null;
    }
  }

  /**
   * Puts a fragment in its place; false: it brings nothing new.
   * Model: one that overlaps another is refused instead of cut.
   * @kernel net/ipv4/ip_fragment.c ip_frag_queue (2.6.24)
   */
  private queue(queue: FragQueue, skb: SkBuff): boolean {
    const { mem } = this.k;
    const field = ipFragOff(mem, skb.data);
    const offset = (field & IP_OFFSET) << 3;
    const end = offset + skb.len - IP_HEADER;
    const { fragments } = queue;
    const at = fragments.findIndex((f) => f.offset >= offset);
    const next = at < 0 ? undefined : fragments[at];
    const prev = fragments.at(at < 0 ? -1 : at - 1);
    if (next !== undefined && next.offset < end) return false;
    if (at !== 0 && prev !== undefined && prev.offset + prev.skb.len > offset) return false;
    if ((field & IP_MF) === 0) queue.len = end;
    skbPull(skb, IP_HEADER);
    fragments.splice(at < 0 ? fragments.length : at, 0, { skb, offset });
    queue.meat += skb.len;
    return true;
  }

  /**
   * One datagram of all fragments: the others move to the first one where they can, or become its frag_list. The
   * sk_buff of the fragment that came last is the one that goes on.
   * @kernel net/ipv4/ip_fragment.c ip_frag_reasm (2.6.24, 3.8)
   */
  private reasm(queue: FragQueue, last: SkBuff): SkBuff {
    const { k } = this;
    const { fragments } = queue;
    const place = fragments.findIndex((f) => f.skb === last);
    if (place > 0) {
      const first = fragments[0]!;
      const own = fragments[place]!;
      const clone = skbClone(k, last, Site.TAP);
      fragments[place] = { skb: clone, offset: own.offset };
      skbMorph(k, last, first.skb);
      fragments[0] = { skb: last, offset: 0 };
      last.len = first.skb.len;
      last.dataLen = first.skb.dataLen;
      kfreeSkb(k, first.skb);
    }
    const head = last;
    skbUnclone(k, head);
    let tail: SkBuff | null = null;
    while (fragments.length > 1) {
      const { skb } = fragments[1]!;
      fragments.splice(1, 1);
      if (head.ipSummed !== skb.ipSummed) head.ipSummed = Checksum.NONE;
      if (k.era.defragCoalesces && tail === null && skbTryCoalesce(k, head, skb)) {
        kfreeSkb(k, skb);
        continue;
      }
      if (tail === null) head.shinfo.fragList = skb;
      else tail.next = skb;
      skb.next = null;
      tail = skb;
      head.len += skb.len;
      head.dataLen += skb.len;
      head.truesize += skb.truesize;
    }
    fragments.length = 0;
    skbPush(head, IP_HEADER);
    fixFragmentHeader(k.mem, head.data, head.len - IP_HEADER, 0, false);
    return head;
  }

  /** The oldest datagram has waited long enough. @kernel net/ipv4/ip_fragment.c ip_expire */
  take(): boolean {
    const queue = this.queues[0];
    if (queue === undefined) return false;
    this.k.context = Context.SOFTIRQ;
    this.failures++;
    this.forget(queue);
    this.drop(queue);
    return true;
  }

  private drop(queue: FragQueue): void {
    for (const { skb } of queue.fragments) kfreeSkb(this.k, skb);
    queue.fragments.length = 0;
  }

  private forget(queue: FragQueue): void {
    this.queues.splice(this.queues.indexOf(queue), 1);
    this.rearm();
  }

  private rearm(): void {
    const { agenda } = this.k;
    const first = this.queues[0];
    if (first === undefined) agenda.disarm(this.place);
    else agenda.arm(this.place, first.due);
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const queue of this.queues)
      for (const { skb } of queue.fragments) visitor.skb(skb, 'fragment queue', skb.seq);
  }
}

declareState(IpFrags, {
  state: 'queues failures',
  constant: 'k ofPeer',
});
