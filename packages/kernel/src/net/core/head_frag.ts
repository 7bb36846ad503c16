// Heads that stand in a page: built around a driver's page, and stolen by whoever merges packets.
import type { Kernel } from '../../kernel.ts';
import { Cost, KMALLOC_MIN_SHIFT } from '../../ledger.ts';
import { Site } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { initShinfo, initSkb } from './skb_alloc.ts';
import { appendEntries } from './skb_coalesce.ts';
import { kfreeSkbmem, skbReleaseHeadState } from './skb_free.ts';
import { adoptFrags } from './shared_frag.ts';
import {
  Fclone,
  POISON_SHINFO,
  SHINFO_BYTES,
  SK_BUFF_BYTES,
  fragAt,
  skbCloned,
  skbHeadlen,
  type SkBuff,
} from './skbuff.ts';

/** kmalloc class as large as a page. */
const PAGE_CLASS = 3;

/**
 * An sk_buff whose data area is `page`: the caller's reference becomes that of the head.
 * @kernel net/core/skbuff.c build_skb (3.5)
 */
export function buildSkb(k: Kernel, page: Page): SkBuff {
  k.mayFail();
  const shinfo = k.shinfos.alloc();
  shinfo.cls = PAGE_CLASS;
  shinfo.head = page.address;
  shinfo.headPage = page;
  shinfo.end = shinfo.head + (1 << (PAGE_CLASS + KMALLOC_MIN_SHIFT)) - SHINFO_BYTES;
  initShinfo(shinfo);
  const skb = k.skbs.alloc();
  initSkb(skb);
  skb.shinfo = shinfo;
  skb.data = shinfo.head;
  skb.tail = shinfo.head;
  skb.truesize = shinfo.end - shinfo.head + SK_BUFF_BYTES + SHINFO_BYTES;
  skb.fclone = Fclone.UNAVAILABLE;
  k.cost[k.side + Cost.ALLOC_SKB]!++;
  return skb;
}

/** Frees the struct alone: its head and its frags are part of another packet now. @kernel net/core/skbuff.c kfree_skb_partial (3.8) */
function freeStolen(k: Kernel, skb: SkBuff): void {
  const { shinfo } = skb;
  skbReleaseHeadState(k, skb);
  skb.shinfo = POISON_SHINFO;
  shinfo.headPage = null;
  k.shinfos.free(shinfo);
  kfreeSkbmem(k, skb);
}

/**
 * GRO, head_frag path: the head of `skb` becomes an entry of `p`, its frags follow, and only its struct is freed. The
 * kernel writes page, offset and size of that entry and nothing else: a field beside them is what the last occupant left.
 * False: nothing happened.
 * @kernel net/core/skbuff.c skb_gro_receive (3.8)
 */
export function skbGroReceiveHead(k: Kernel, p: SkBuff, skb: SkBuff): boolean {
  const to = p.shinfo;
  const page = skb.shinfo.headPage;
  if (page === null || skbCloned(skb)) return false;
  if (to.nrFrags + 1 + skb.shinfo.nrFrags > k.era.maxSkbFrags) return false;
  if (!k.mayMove(skb, p, Site.GRO)) return false;
  if (k.onOperation !== null) k.onOperation('skb_gro_receive', skb);
  const linear = skbHeadlen(skb) - skb.headers;
  const entry = fragAt(to, to.nrFrags++);
  entry.page = page;
  entry.pageOffset = skb.data + skb.headers - page.address;
  entry.size = linear;
  appendEntries(p, skb);
  const bytes = linear + skb.dataLen;
  p.len += bytes;
  p.dataLen += bytes;
  p.truesize += skb.truesize;
  adoptFrags(k, skb, to, Site.GRO, p);
  freeStolen(k, skb);
  return true;
}
