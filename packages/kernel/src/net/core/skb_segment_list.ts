// What GRO has chained, taken apart.
import type { Kernel } from '../../kernel.ts';
import { skbUnclone } from './skb_head.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * What skb_gro_receive_list has chained is packets again: behind `skb`, which keeps its own entries, each with its own.
 * @kernel net/core/skbuff.c skb_segment_list (7.2)
 */
export function skbSegmentList(k: Kernel, skb: SkBuff): SkBuff {
  if (k.onOperation !== null) k.onOperation('skb_segment_list', skb);
  skbUnclone(k, skb);
  const { shinfo } = skb;
  const list = shinfo.fragList;
  shinfo.fragList = null;
  for (let member = list; member !== null; member = member.next) {
    skb.len -= member.len;
    skb.dataLen -= member.len;
    skb.truesize -= member.len; // as much as skbGroReceiveList has added
  }
  skb.next = list;
  return skb;
}
