// SKBFL_MANAGED_FRAG_REFS (6.0): a packet names pages without a reference on them, as its ubuf_info keeps them.
// Goal: who lets go of such an entry puts nothing, and who copies, cuts or adds entries takes the references first.
// Non-goal: how long the ubuf_info keeps them, which is the design's.
import type { Kernel } from '../../kernel.ts';
import { refFrags } from './skb_free.ts';
import type { SkbFrag, SkbSharedInfo, SkBuff } from './skbuff.ts';

/** The packet has a reference on each of its pages from here on, and is like any other. @kernel net/core/skbuff.c __skb_zcopy_downgrade_managed (6.0) */
export function skbZcopyDowngradeManaged(k: Kernel, { shinfo }: SkBuff): void {
  if (!shinfo.managed) return;
  shinfo.managed = false;
  refFrags(k, shinfo);
}

/** An entry leaves a packet that goes on. @kernel include/linux/skbuff.h skb_frag_unref (6.0) */
export function skbFragUnref(k: Kernel, shinfo: SkbSharedInfo, frag: SkbFrag, skb: SkBuff): void {
  if (!shinfo.managed) k.lifetime.fragUnref(shinfo, frag, skb);
}
