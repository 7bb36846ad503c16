// Packets of nobody's socket: made of what somebody lends, and read by whoever has the queue.
import {
  allocSkb,
  kfreeSkb,
  probeReads,
  type Kernel,
  type Reader,
  type SkBuff,
  type SkBuffHead,
} from '@lastref/kernel';

/** A packet for `size` bytes of stream `flow` from `seq` on, which are to stand in its frags. Throws NoMemory. */
export function pagedPacket(k: Kernel, flow: number, seq: number, size: number): SkBuff {
  const skb = allocSkb(k, 256, false);
  skb.flow = flow;
  skb.seq = seq;
  skb.endSeq = seq + size;
  skb.len = skb.dataLen = size;
  skb.truesize += size;
  return skb;
}

/** The first packet of `queue` is read, and freed. */
export function readAndFree(k: Kernel, queue: SkBuffHead, reader: Reader): void {
  const skb = queue.shift()!;
  probeReads(k, skb, reader);
  kfreeSkb(k, skb);
}
