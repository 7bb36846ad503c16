// IP-TFS: many packets in the payload of one, and parts of a packet in the payloads of several. Entries move from packet
// to packet both ways.
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { appendEntries } from '../core/skb_coalesce.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { adoptFrags } from '../core/shared_frag.ts';
import { copyFrag, fragAt, skbCloned, skbHeadlen, type SkBuff } from '../core/skbuff.ts';

/**
 * A packet that waits to be sent becomes part of the one before it: its head, which has to stand in a page, becomes an
 * entry with a reference of its own, its entries move without a call, and it is freed. False: nothing happened; the kernel
 * puts it on the frag_list then. Of `from` nobody asks whether it is cloned.
 * @kernel net/xfrm/xfrm_iptfs.c iptfs_consume_frags, iptfs_output_queued (7.2)
 */
export function iptfsConsumeFrags(k: Kernel, to: SkBuff, from: SkBuff): boolean {
  const page = from.shinfo.headPage;
  if (to.shinfo.fragList !== null || skbCloned(to)) return false;
  if (from.shinfo.fragList !== null || page === null || to.ppRecycle !== from.ppRecycle)
    return false;
  if (!k.mayMove(from, to, Site.IPTFS_CONSUME)) return false;
  if (to.shinfo.nrFrags + from.shinfo.nrFrags + 1 > k.era.maxSkbFrags) return false;
  if (k.onOperation !== null) k.onOperation('iptfs_consume_frags', from);
  const bytes = from.len;
  const linear = skbHeadlen(from);
  if (linear > 0) {
    const entry = fragAt(to.shinfo, to.shinfo.nrFrags++);
    entry.page = page; // skb_frag_fill_page_desc: page, offset and size, and nothing else
    entry.pageOffset = from.data - page.address;
    entry.size = linear;
    k.lifetime.fragRef(to.shinfo, entry);
  }
  appendEntries(to, from);
  adoptFrags(k, from, to.shinfo, Site.IPTFS_CONSUME, to);
  from.shinfo.nrFrags = 0;
  from.dataLen = 0;
  from.len = 0;
  to.len += bytes;
  to.dataLen += bytes;
  to.truesize += bytes;
  kfreeSkb(k, from);
  return true;
}

/**
 * Up to `bytes` bytes of what `outer` carries, from `off` on, behind the entries of an inner packet that is put together:
 * each entry has one reference more. Returns what did not fit.
 * Model: `outer` has no linear bytes left.
 * @kernel net/xfrm/xfrm_iptfs.c iptfs_skb_prepare_frag_walk, iptfs_skb_can_add_frags, iptfs_skb_add_frags (7.2)
 */
export function iptfsSkbAddFrags(
  k: Kernel,
  inner: SkBuff,
  outer: SkBuff,
  off: number,
  bytes: number,
): number {
  if (inner.shinfo.fragList !== null || outer.shinfo.fragList !== null) return bytes;
  if (inner.ppRecycle !== outer.ppRecycle || skbHeadlen(outer) !== 0) return bytes;
  if (k.onOperation !== null) k.onOperation('iptfs_skb_add_frags', outer);
  const { shinfo } = inner;
  let skip = off;
  let left = bytes;
  for (let i = 0; i < outer.shinfo.nrFrags && left > 0; i++) {
    const frag = fragAt(outer.shinfo, i);
    if (skip >= frag.size) {
      skip -= frag.size;
      continue;
    }
    if (shinfo.nrFrags >= k.era.maxSkbFrags) break;
    const entry = fragAt(shinfo, shinfo.nrFrags);
    copyFrag(entry, frag);
    entry.pageOffset += skip;
    entry.size = Math.min(frag.size - skip, left);
    k.lifetime.fragRef(shinfo, entry);
    shinfo.nrFrags++;
    skip = 0;
    left -= entry.size;
  }
  const added = bytes - left;
  inner.len += added;
  inner.dataLen += added;
  inner.truesize += added;
  if (added > 0 && k.era.iptfsAddMarks) shinfo.marked = true;
  return left;
}
