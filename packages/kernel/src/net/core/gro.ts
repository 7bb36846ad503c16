// What GRO does to a packet before it looks for one to merge it with.
import { KernelBug } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { skbFragUnref } from './managed_frag.ts';
import { copyFrag, fragAt, skbHeadlen, type SkBuff } from './skbuff.ts';

/**
 * `grow` bytes of headers go from the first frag of `skb`, which has no linear bytes, to its head. A frag that was headers alone is
 * put, and the others move up. Nobody is asked whether the data is shared: a driver's packet is not; nor is an owner told
 * where these were the last bytes in pages.
 * Model: kernels of 2.6.30 on move the entries up as those of 3.6 do; 2.6.3x moved as many bytes as there were entries.
 * @kernel net/core/dev.c dev_gro_receive (2.6.32, 3.6), gro_pull_from_frag0 (3.15, 5.10); net/core/gro.c (7.2)
 */
export function groPullFromFrag0(k: Kernel, skb: SkBuff, grow: number): void {
  if (k.onOperation !== null) k.onOperation('gro_pull_from_frag0', skb);
  const { shinfo } = skb;
  const frag = fragAt(shinfo, 0);
  if (skbHeadlen(skb) !== 0 || grow > frag.size || grow > shinfo.end - skb.tail)
    throw new KernelBug(`gro_pull_from_frag0 of ${grow} on skb#${skb.slot}`);
  k.copyBytes(skb.tail, frag.page.address + frag.pageOffset, grow);
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += grow;
  skb.tail += grow;
  skb.dataLen -= grow;
  frag.pageOffset += grow;
  frag.size -= grow;
  if (frag.size > 0) return;
  k.probe.copied(frag.page);
  skbFragUnref(k, shinfo, frag, skb);
  shinfo.nrFrags--;
  for (let i = 0; i < shinfo.nrFrags; i++) copyFrag(fragAt(shinfo, i), shinfo.frags[i + 1]!);
  k.releases++;
}
