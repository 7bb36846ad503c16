// Whoever reads a whole packet: a tap's owner, a datagram socket, a process behind a device.
import type { Kernel } from '../../kernel.ts';
import type { Reader } from '../../probe.ts';
import { fragSeq, skbHeadlen, type SkBuff } from './skbuff.ts';

/**
 * Tells the probe that `reader` reads the whole payload of `skb` now, frag_list members included.
 * @kernel net/core/datagram.c skb_copy_datagram_iovec
 */
export function probeReads(k: Kernel, skb: SkBuff, reader: Reader): void {
  const { probe } = k;
  const { shinfo } = skb;
  const linear = skbHeadlen(skb) - skb.headers;
  if (linear > 0) probe.read(reader, skb.flow, skb.seq, linear, skb.data + skb.headers, null);
  let seq = fragSeq(skb);
  for (let i = 0; i < shinfo.nrFrags; i++) {
    const frag = shinfo.frags[i]!;
    probe.read(reader, skb.flow, seq, frag.size, frag.page.address + frag.pageOffset, frag.page);
    seq = (seq + frag.size) | 0;
  }
  for (let member = shinfo.fragList; member !== null; member = member.next) {
    probeReads(k, member, reader);
  }
}
