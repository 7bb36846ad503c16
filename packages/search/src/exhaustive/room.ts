// Page frames of a machine in which any step may come next. There are few, as many runs are played, and one that has used them
// up ends half way through its step, with no look at what it did (mm/page_alloc.ts). A kernel has far more of them.
import { Halt, type Kernel } from '@lastref/kernel';

/** It came to its end for that alone. */
export function isOutOfFrames({ agenda, pages, frames }: Kernel): boolean {
  return agenda.halted === Halt.CUT && pages.used >= frames;
}

/** Pages in use that no packet has. A data area without one is of those: somebody forgot it. */
export function pagesInNoPacket({ skbs, fclones, pages }: Kernel): number {
  const inPackets = new Set<object>();
  const packets = [...skbs.all, ...fclones.all.flatMap((one) => [one, one.pair!])];
  for (const { live, shinfo } of packets) {
    if (!live) continue;
    if (shinfo.headPage !== null) inPackets.add(shinfo.headPage);
    for (let i = 0; i < shinfo.nrFrags; i++) inPackets.add(shinfo.frags[i]!.page);
  }
  return pages.used - inPackets.size;
}

/** Packets may wait without end, as over UDP; who has most of the frames otherwise would come to a next step in a kernel. */
export function keepsFrames(k: Kernel): boolean {
  return isOutOfFrames(k) && 2 * pagesInNoPacket(k) > k.pages.used;
}
