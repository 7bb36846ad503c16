// What GRO has chained, taken apart.
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { skbClone } from './skb_clone.ts';
import { kfreeSkb } from './skb_free.ts';
import { skbUnclone } from './skb_head.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * What skb_gro_receive_list has chained is packets again: behind `skb`, which keeps its own entries, each with its own. Throws NoMemory
 * with none of them behind it, and the rest still chained (Model: the kernel makes that linear).
 * @kernel net/core/skbuff.c skb_segment_list (7.2)
 */
export function skbSegmentList(k: Kernel, skb: SkBuff): SkBuff {
  if (k.onOperation !== null) k.onOperation('skb_segment_list', skb);
  skbUnclone(k, skb);
  try {
    for (let last = skb; skb.shinfo.fragList !== null;) {
      last.next = firstOf(k, skb);
      last = last.next;
      skbUnclone(k, last);
    }
  } catch (error) {
    for (let out = skb.next; out !== null; out = skb.next) {
      skb.next = out.next;
      out.next = null;
      kfreeSkb(k, out);
    }
    throw error;
  }
  return skb;
}

/** Takes the first out of the list: itself, or a clone of what another head has as well. */
function firstOf(k: Kernel, skb: SkBuff): SkBuff {
  const member = skb.shinfo.fragList!;
  const shared = member.users > 1;
  const own = shared ? skbClone(k, member, Site.TAP) : member;
  skb.shinfo.fragList = member.next;
  skb.len -= member.len;
  skb.dataLen -= member.len;
  skb.truesize -= member.len; // as much as skbGroReceiveList has added
  if (shared) kfreeSkb(k, member);
  own.next = null;
  return own;
}
