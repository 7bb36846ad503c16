import { fragAt, putPage } from '@lastref/kernel';
import { spliceSocketToSocket } from './common.ts';

/** The linear bytes are copied to a page that is one. */
export const fixed = spliceSocketToSocket('(fixed)', (k, pipe, skb, i, seq) => {
  const { page, pageOffset, size } = fragAt(skb.shinfo, i);
  const copy = k.copyPage(page, pageOffset, size); // linear_to_page
  pipe.push(copy, pageOffset, size, skb.flow, seq);
  putPage(k, copy);
});
