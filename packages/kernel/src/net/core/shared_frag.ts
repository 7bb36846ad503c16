// SKBFL_SHARED_FRAG (SKBTX_SHARED_FRAG up to 5.11): some frag of this shared info may be changed by somebody else.
// Goal: the mark that the kernel's own senders set since 3.9, whatever design lends, for those who sum what they send and for ESP
// where it asks. A design may have a marker of its own (`mayWriteFrags`).
import type { Era } from '../../era.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import type { SkbSharedInfo, SkBuff } from './skbuff.ts';

/** The first helpers that carried it. @kernel commit cef401de7be8 (3.9) */
const FIRST = Site.EXPAND_HEAD | Site.CARVE | Site.SPLIT | Site.SEGMENT | Site.SEGMENT_FLAGS;

/** And those that were made to in 2026. @kernel commits f84eca581739, 48f6a5356a33 */
const OF_2026 =
  FIRST |
  Site.PSKB_COPY |
  Site.SHIFT |
  Site.COALESCE |
  Site.GRO |
  Site.GRO_LIST |
  Site.PROBE |
  Site.SEGMENT_LIST;

/** All that carry it in the newest release: bits of Site. */
export const MARKER_HELPERS = OF_2026 | Site.IPTFS_CONSUME;

/** Those that carry it in `era`: bits of Site. */
export function markerSites(era: Era): number {
  return (
    (era.markerCarried ? OF_2026 : FIRST) |
    (era.skbZerocopyMarks ? Site.ZEROCOPY : 0) |
    (era.iptfsConsumeMarks ? Site.IPTFS_CONSUME : 0)
  );
}

/** Frags of `parent` went into `child`: the design hears of it, and the mark goes along where this helper carries it. */
export function adoptFrags(
  k: Kernel,
  parent: SkBuff,
  child: SkbSharedInfo,
  site: Site,
  into: SkBuff,
): void {
  if (parent.shinfo.lentMark && (site & markerSites(k.era)) !== 0) child.lentMark = true;
  k.lifetime.adopt(parent, child, site, into);
}

/** May somebody else have a frag of `skb`, or change it while it is summed? @kernel include/linux/skbuff.h skb_has_shared_frag (3.9) */
export function skbHasSharedFrag(k: Kernel, skb: SkBuff): boolean {
  const { dataLen, shinfo } = skb;
  return dataLen !== 0 && (shinfo.marked || shinfo.lentMark || !k.lifetime.mayWriteFrags(skb));
}
