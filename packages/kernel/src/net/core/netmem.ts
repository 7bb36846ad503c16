// Frags that no processor can read: memory of a device (a dma-buf), which a frag names as it names a page (struct net_iov, 6.12).
// Whoever would copy, sum or linearize such a packet is refused, and does what it does without memory.
// Model: skb->unreadable follows from the frags; a page stands for the piece of a dma-buf, and its owner, a device, writes to it.
import { CHANGES } from '../../changes.ts';
import { Unreadable } from '../../errors.ts';
import { mustHave } from '../../era.ts';
import type { Kernel } from '../../kernel.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { fragAt, type SkBuff } from './skbuff.ts';

/** `page` is a piece of a device's memory from now on. @kernel net/core/devmem.c net_devmem_bind_dmabuf (6.12) */
export function bindDeviceMemory(k: Kernel, page: Page): void {
  mustHave(k.era, CHANGES.unreadable, 'net_devmem_bind_dmabuf');
  page.netIov = true;
  k.hasNetIov = true;
}

/** @kernel include/linux/skbuff.h skb_frags_readable (6.12) */
export function skbFragsReadable(k: Kernel, { shinfo }: SkBuff): boolean {
  if (!k.hasNetIov) return true;
  for (let i = 0; i < shinfo.nrFrags; i++) if (fragAt(shinfo, i).page.netIov) return false;
  return true;
}

/** `what` is about to read the pages of `skb`. Throws Unreadable (-EFAULT), before anything has changed, if no processor can. */
export function mustBeReadable(k: Kernel, skb: SkBuff, what: string): void {
  if (skbFragsReadable(k, skb)) return;
  k.refusals++;
  throw new Unreadable(`${what} of skb#${skb.slot}: memory of a device`);
}
