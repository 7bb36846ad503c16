// Where packets and pages can wait. Every place registers here when it is made, so that "who can still read
// this page" is a walk from roots that no reference count takes part in.
import type { Page } from './mm/page_alloc.ts';
import type { SkBuff } from './net/core/skbuff.ts';

export interface HolderVisitor {
  /**
   * An skb whose payload can still be read from stream position `from` on; `where` in the field's words:
   * 'write queue', 'tx ring'.
   */
  skb(skb: SkBuff, where: string, from: number): void;
  /** A page range that can still be read from here without an skb; the stream is unknown (flow 0). */
  page(page: Page, pageOffset: number, size: number, where: string): void;
}

export interface Holder {
  forEachReader(visitor: HolderVisitor): void;
}

/** Visits a linked list of skbs. */
export function visitList(first: SkBuff | null, visitor: HolderVisitor, where: string): void {
  for (let skb = first; skb !== null; skb = skb.next) visitor.skb(skb, where, skb.seq);
}
