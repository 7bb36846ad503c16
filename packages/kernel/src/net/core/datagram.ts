// Whoever reads a whole packet: a tap's owner, a datagram socket, a process behind a device.
import type { Kernel } from '../../kernel.ts';
import type { Reader } from '../../probe.ts';
import { fragSeq, skbHeadlen, type SkBuff } from './skbuff.ts';

/** Takes the bytes that are copied out: `size` of them at `address`. */
export interface DatagramSink {
  bytes(address: number, size: number): void;
}

/** Tells the probe that `reader` reads the whole payload of `skb` now, frag_list members included. */
export function probeReads(k: Kernel, skb: SkBuff, reader: Reader): void {
  readDatagram(k, skb, reader, null);
}

/**
 * As probeReads, and the bytes go to `sink`. Frees nothing.
 * @kernel net/core/datagram.c skb_copy_datagram_iovec (2.6.24)
 */
export function readDatagram(
  k: Kernel,
  skb: SkBuff,
  reader: Reader,
  sink: DatagramSink | null,
): void {
  const { probe } = k;
  const { shinfo } = skb;
  const linear = skbHeadlen(skb) - skb.headers;
  if (linear > 0) {
    const address = skb.data + skb.headers;
    probe.read(reader, skb.flow, skb.seq, linear, address, null);
    sink?.bytes(address, linear);
  }
  let seq = fragSeq(skb);
  for (let i = 0; i < shinfo.nrFrags; i++) {
    const frag = shinfo.frags[i]!;
    const address = frag.page.address + frag.pageOffset;
    probe.read(reader, skb.flow, seq, frag.size, address, frag.page);
    sink?.bytes(address, frag.size);
    seq = (seq + frag.size) | 0;
  }
  for (let member = shinfo.fragList; member !== null; member = member.next)
    readDatagram(k, member, reader, sink);
}
