import { fragAt, skbGet } from '@lastref/kernel';
import { spliceSocketToSocket } from './common.ts';

/** The slot has the packet, and shows its linear bytes as if they were a page. */
export const wrong = spliceSocketToSocket('(wrong)', (k, pipe, skb, i, seq) => {
  const { page, pageOffset, size } = fragAt(skb.shinfo, i);
  pipe.pushSkb(skbGet(k, skb), page, pageOffset, size, seq); // virt_to_page(skb->data)
});
