// A cipher that writes where it reads. Model: an exclusive-or with a constant, into a stream that nobody compares.
import { fragAt, probeReads, Reader, type Kernel, type SkBuff } from '@lastref/kernel';

const KEY = 0x55;

/** Works over all frags of `skb` where they stand. Whoever calls has made up his mind whether he may. */
export function cryptInPlace(k: Kernel, skb: SkBuff): void {
  probeReads(k, skb, Reader.TAP);
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    const { page, pageOffset, size } = fragAt(skb.shinfo, i);
    k.probe.written(page, pageOffset, size);
    page.writes++;
    const at = page.address + pageOffset;
    for (let n = at; n < at + size; n++) k.mem[n]! ^= KEY;
  }
  skb.flow = 0;
}
