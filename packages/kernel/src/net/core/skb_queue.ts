// A doubly linked list of skbs. @kernel include/linux/skbuff.h struct sk_buff_head
import type { SkBuff } from './skbuff.ts';
import { declareState } from '../../state.ts';

export class SkBuffHead {
  first: SkBuff | null = null;
  last: SkBuff | null = null;
  qlen = 0;

  /** @kernel skb_queue_tail */
  push(skb: SkBuff): void {
    skb.next = null;
    skb.prev = this.last;
    if (this.last === null) this.first = skb;
    else this.last.next = skb;
    this.last = skb;
    this.qlen++;
  }

  /** @kernel skb_append */
  insertAfter(old: SkBuff, skb: SkBuff): void {
    skb.prev = old;
    skb.next = old.next;
    if (old.next === null) this.last = skb;
    else old.next.prev = skb;
    old.next = skb;
    this.qlen++;
  }

  insertBefore(old: SkBuff, skb: SkBuff): void {
    skb.next = old;
    skb.prev = old.prev;
    if (old.prev === null) this.first = skb;
    else old.prev.next = skb;
    old.prev = skb;
    this.qlen++;
  }

  /** @kernel skb_unlink */
  unlink(skb: SkBuff): void {
    if (skb.prev === null) this.first = skb.next;
    else skb.prev.next = skb.next;
    if (skb.next === null) this.last = skb.prev;
    else skb.next.prev = skb.prev;
    skb.next = null;
    skb.prev = null;
    this.qlen--;
  }

  /** @kernel skb_dequeue */
  shift(): SkBuff | null {
    const skb = this.first;
    if (skb !== null) this.unlink(skb);
    return skb;
  }
}

declareState(SkBuffHead, {
  state: 'first last qlen',
});
