// A guest's packet of more slots than a packet has entries: the rest came in a second one, on its frag_list.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { PAGE_SIZE, allocPage, putPage, type Page } from '../../mm/page_alloc.ts';
import { skbCopyBits } from '../../net/core/skb_clone.ts';
import { dropFragList, putFrags } from '../../net/core/skb_free.ts';
import { fragAt, skbHeadlen, type SkBuff, type SkbSharedInfo } from '../../net/core/skbuff.ts';

/**
 * All paged bytes of `skb` and of the packet on its frag_list, which it does not count yet, go on in pages of the host's own; the
 * guest's are given back: `skb` lets go of its frags as anybody does, and tells their owner at once, and the other packet is freed.
 * Up to 3.19 nobody put the frags of `skb` (Model: 4.0 is when it was mended). Throws NoMemory with both as they were.
 * @kernel drivers/net/xen-netback/netback.c xenvif_handle_frag_list, xenvif_tx_submit (3.15, 3.16, 5.10, 7.2)
 */
export function xenvifHandleFragList(k: Kernel, skb: SkBuff): void {
  if (k.onOperation !== null) k.onOperation('xenvif_handle_frag_list', skb);
  const { shinfo } = skb;
  const other = shinfo.fragList!;
  skb.len += other.len;
  skb.dataLen += other.len;
  let pages: Page[];
  try {
    pages = copies(k, skb);
  } catch (error) {
    skb.len -= other.len;
    skb.dataLen -= other.len;
    throw error;
  }
  tellCopied(k, shinfo);
  if (k.era.xenUnrefsFrags) putFrags(k, shinfo, skb);
  else shinfo.nrFrags = 0;
  k.lifetime.ubufsCopied(skb); // uarg->callback(uarg, true)
  for (let i = 0; i < pages.length; i++) {
    const size = Math.min(PAGE_SIZE, skb.dataLen - i * PAGE_SIZE);
    k.fillPageDesc(skb, pages[i]!, 0, size);
  }
  dropFragList(k, shinfo);
}

/** The paged bytes, in fresh pages; without memory, none. */
function copies(k: Kernel, skb: SkBuff): Page[] {
  const pages: Page[] = [];
  const from = skbHeadlen(skb);
  try {
    for (let at = 0; at < skb.dataLen; at += PAGE_SIZE) {
      const page = allocPage(k);
      pages.push(page);
      const size = Math.min(PAGE_SIZE, skb.dataLen - at);
      skbCopyBits(k, skb, from + at, page.address, size);
      page.writes++;
      k.cost[k.side + Cost.COPIED_PAYLOAD]! += size;
    }
  } catch (error) {
    for (const page of pages) putPage(k, page);
    throw error;
  }
  return pages;
}

function tellCopied(k: Kernel, shinfo: SkbSharedInfo): void {
  for (let i = 0; i < shinfo.nrFrags; i++) k.probe.copied(fragAt(shinfo, i).page);
  for (let m = shinfo.fragList; m !== null; m = m.next) tellCopied(k, m.shinfo);
}
