// Reassembly as IPv4 and IPv6 have it: fragments wait, in the packets that they came in, until the datagram is whole.
import { SingleStep } from '../../agenda.ts';
import { expectNoMemory } from '../../errors.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { Context } from '../../probe.ts';
import { skbClone } from '../core/skb_clone.ts';
import { skbTryCoalesce } from '../core/skb_coalesce.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { skbUnclone } from '../core/skb_head.ts';
import { skbMorph } from '../core/skb_private.ts';
import { skbPull } from '../core/skb_alloc.ts';
import { Checksum, type SkBuff } from '../core/skbuff.ts';
import { declareState } from '../../state.ts';

/** What fragments of one datagram have in common. @kernel include/net/inet_frag.h struct frag_v4_compare_key, frag_v6_compare_key */
export interface FragKey {
  readonly saddr: number;
  readonly daddr: number;
  readonly id: number;
  /** Of IPv6: 0, it does not count. */
  readonly protocol: number;
}

/** The fragments of one datagram, by offset. @kernel include/net/inet_frag.h struct inet_frag_queue */
class FragQueue {
  readonly key: FragKey;
  readonly due: number;
  readonly fragments: { readonly skb: SkBuff; readonly offset: number }[] = [];
  /** Bytes of the datagram, 0 while the last fragment is missing; and bytes that are here. */
  len = 0;
  meat = 0;

  constructor(key: FragKey, due: number) {
    this.key = key;
    this.due = due;
  }

  /** Do fragments with that in common belong to this datagram? */
  is({ saddr, daddr, id, protocol }: FragKey): boolean {
    const { key } = this;
    return key.id === id && key.saddr === saddr && key.daddr === daddr && key.protocol === protocol;
  }
}

declareState(FragQueue, {
  state: 'fragments len meat',
  moment: 'due',
  constant: 'key',
});

/** What differs between IPv4 and IPv6. @kernel include/net/inet_frag.h struct inet_frags */
export interface FragsOf {
  /** How long fragments wait for the others, in ticks. */
  readonly timeout: number;
  /** Bytes in front of the payload of a fragment. */
  readonly headersLen: number;
}

/** All datagrams of a host that are not whole. */
export abstract class InetFrags extends SingleStep implements Holder {
  private readonly ofPeer: boolean;
  protected readonly k: Kernel;
  private readonly of: FragsOf;
  private readonly queues: FragQueue[] = [];
  /** Datagrams given up: a fragment did not come, or there was no memory. */
  failures = 0;

  /** `ofPeer`: of a host that lends nothing. */
  constructor(k: Kernel, name: string, ofPeer: boolean, of: FragsOf) {
    super(name, 'gives up a datagram');
    this.k = k;
    this.of = of;
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

  protected abstract keyOf(skb: SkBuff): FragKey;

  /** Where in its datagram a fragment begins, in bytes. */
  protected abstract offsetOf(skb: SkBuff): number;

  /** Is a fragment not the last one? */
  protected abstract moreFollow(skb: SkBuff): boolean;

  /** Between the two halves of a reassembly: the headers of the datagram, on its first fragment. */
  protected abstract beforeJoin(head: SkBuff): void;

  /** The headers, once all bytes are there. */
  protected abstract afterJoin(head: SkBuff): void;

  /** Takes a fragment; returns the datagram when it was the last one missing. @kernel net/ipv4/ip_fragment.c ip_defrag (2.6.24) */
  defrag(skb: SkBuff): SkBuff | null {
    const { k } = this;
    const key = this.keyOf(skb);
    let queue = this.queues.find((q) => q.is(key));
    if (queue === undefined) {
      queue = new FragQueue(key, k.agenda.now + this.of.timeout);
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
      const head = this.prepare(queue, skb);
      this.beforeJoin(head);
      this.finish(queue, head);
      this.afterJoin(head);
      return head;
    } catch (error) {
      expectNoMemory(error);
      this.failures++;
      this.drop(queue);
      return null;
    }
  }

  /**
   * Takes the headers of a fragment off and puts it in its place; false: it brings nothing new.
   * @kernel net/ipv4/ip_fragment.c ip_frag_queue (2.6.24); net/ipv6/reassembly.c ip6_frag_queue (5.10)
   */
  private queue(queue: FragQueue, skb: SkBuff): boolean {
    const { headersLen } = this.of;
    const offset = this.offsetOf(skb);
    const end = offset + skb.len - headersLen;
    if (!this.insert(queue, skb, offset, end)) return false;
    if (!this.moreFollow(skb)) queue.len = end;
    skbPull(skb, headersLen);
    return true;
  }

  /**
   * Bytes from `offset` to `end` of the datagram, whose headers are off: false, where they are there in part.
   * Model: a fragment that overlaps another is refused, in kernels before 5.1 IPv4 cuts it.
   * @kernel net/ipv4/inet_fragment.c inet_frag_queue_insert (5.1)
   */
  private insert(queue: FragQueue, skb: SkBuff, offset: number, end: number): boolean {
    const { fragments } = queue;
    const at = fragments.findIndex((f) => f.offset >= offset);
    const next = at < 0 ? undefined : fragments[at];
    const prev = fragments.at(at < 0 ? -1 : at - 1);
    if (next !== undefined && next.offset < end) return false;
    if (at !== 0 && prev !== undefined && prev.offset + prev.skb.len > offset) return false;
    fragments.splice(at < 0 ? fragments.length : at, 0, { skb, offset });
    queue.meat += end - offset;
    return true;
  }

  /**
   * The sk_buff of the fragment that came last is the one that goes on, with the data of the first.
   * @kernel net/ipv4/inet_fragment.c inet_frag_reasm_prepare (5.1), ip_frag_reasm (2.6.24)
   */
  private prepare({ fragments }: FragQueue, last: SkBuff): SkBuff {
    const { k } = this;
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
    skbUnclone(k, last);
    return last;
  }

  /**
   * One datagram of all fragments: the others move to the first one where they can, or become its frag_list.
   * @kernel net/ipv4/inet_fragment.c inet_frag_reasm_finish (5.3), ip_frag_reasm (2.6.24, 3.8, 4.9; Model: IPv6, which went on
   * where IPv4 chained again, is in kernels of the lab alone)
   */
  private finish({ fragments }: FragQueue, head: SkBuff): void {
    const { k } = this;
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

declareState(InetFrags, {
  state: 'queues',
  count: 'failures',
  constant: 'k ofPeer of',
});
