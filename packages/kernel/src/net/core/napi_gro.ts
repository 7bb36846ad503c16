// What a receiver joins before its protocols see it: the segments that a device has cut from one packet, as they come in a row.
import { visitList, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { expectNoMemory } from '../../errors.ts';
import { declareState } from '../../state.ts';
import { ipId } from '../ipv4/ip_header.ts';
import { fixSegmentHeader } from '../ipv4/tcp_header.ts';
import type { NetDevice } from './dev.ts';
import { allocSkb, skbPut } from './skb_alloc.ts';
import { kfreeSkb } from './skb_free.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * The packet that a poll of the device has begun. Model: a poll ends where a packet that was sent ends, or where one of its
 * segments is missing. The kernel, too, lets a packet go where something does not continue it, and behind a segment that is
 * shorter or has PSH; a poll of its own may end before that, or go on behind a packet without either. What was joined is one
 * head, not a list of them: no page that is lent is in it. The device that has cut the packet has summed each segment.
 * @kernel net/core/dev.c dev_gro_receive, napi_gro_complete; net/ipv4/tcp.c tcp_gro_receive (2.6.32)
 */
export class GroList {
  private readonly k: Kernel;
  private readonly device: NetDevice;
  private first: SkBuff | null = null;
  private last: SkBuff | null = null;
  /** Another segment of the same packet should come. */
  private more = false;
  /** Segments that wait here. */
  held = 0;

  constructor(k: Kernel, device: NetDevice) {
    this.k = k;
    this.device = device;
  }

  /** A segment has come; `more`: the packet goes on behind it. */
  receive(skb: SkBuff, more: boolean): void {
    if (!this.continuedBy(skb)) this.flush();
    if (this.last === null) this.first = skb;
    else this.last.next = skb;
    this.last = skb;
    this.more = more;
    this.held++;
  }

  /** `next` is what comes next, null: nothing that is on its way. Where that does not go on with it, the packet goes up. */
  waitFor(next: SkBuff | null): void {
    if (!this.more || next === null || !this.continuedBy(next)) this.flush();
  }

  private continuedBy(skb: SkBuff): boolean {
    const { last } = this;
    return (
      last !== null && skb.flow === last.flow && skb.seq === ((last.seq + payloadOf(last)) | 0)
    );
  }

  /** What was joined goes up. @kernel net/core/dev.c napi_gro_flush, napi_gro_complete (2.6.32) */
  flush(): void {
    const { k, device, first } = this;
    this.first = null;
    this.last = null;
    this.more = false;
    this.held = 0;
    if (first === null) return;
    const whole = first.next === null ? null : this.joined(first);
    for (let skb: SkBuff | null = first; skb !== null;) {
      const { next }: { next: SkBuff | null } = skb;
      skb.next = null;
      if (whole === null) device.netifReceiveSkb(skb);
      else kfreeSkb(k, skb);
      skb = next;
    }
    if (whole !== null) device.netifReceiveSkb(whole);
  }

  /**
   * One packet of those from `first` on; null: there is no memory, and each goes up by itself. Model: no packet of several
   * segments has FIN or PSH here, so the first one's flags are those of all.
   * @kernel net/ipv4/tcp.c tcp_gro_complete (2.6.32)
   */
  private joined(first: SkBuff): SkBuff | null {
    const { k } = this;
    let size = first.headers;
    for (let skb: SkBuff | null = first; skb !== null; skb = skb.next) size += payloadOf(skb);
    const whole = this.headOf(size);
    if (whole === null) return null;
    const { mem } = k;
    mem.copyWithin(skbPut(whole, first.headers), first.data, first.data + first.headers);
    let segments = 0;
    for (let skb: SkBuff | null = first; skb !== null; skb = skb.next) {
      const [from, n] = [skb.data + skb.headers, payloadOf(skb)];
      mem.copyWithin(skbPut(whole, n), from, from + n);
      segments++;
    }
    fixSegmentHeader(mem, whole.data, size, first.seq, ipId(mem, first.data), true);
    whole.ipSummed = first.ipSummed;
    whole.headers = first.headers;
    whole.flow = first.flow;
    whole.seq = first.seq;
    whole.shinfo.gsoSize = payloadOf(first);
    whole.shinfo.gsoSegs = segments;
    return whole;
  }

  private headOf(size: number): SkBuff | null {
    try {
      return allocSkb(this.k, size, false);
    } catch (error) {
      expectNoMemory(error);
      return null;
    }
  }

  visit(visitor: HolderVisitor): void {
    visitList(this.first, visitor, 'wire');
  }
}

function payloadOf(skb: SkBuff): number {
  return skb.len - skb.headers;
}

declareState(GroList, {
  state: 'device first last more held',
  constant: 'k',
});
