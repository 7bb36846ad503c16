// A writer in place: decryption on the way in.
// Model: the cipher is an exclusive-or with a constant, and what comes out is a stream that nobody compares.
// It reads as a tap does: on the host itself.
import type { Kernel } from '../../kernel.ts';
import { Cost, lines } from '../../ledger.ts';
import { Reader } from '../../probe.ts';
import { probeReads } from '../core/datagram.ts';
import { skbCowData } from '../core/skb_private.ts';
import { fragAt, skbCloned, skbHeadlen, type SkBuff } from '../core/skbuff.ts';

const KEY = 0x55;

/**
 * Decrypts the payload of `skb`. Data that nobody shares and that has no frag_list is taken for the stack's own and is
 * decrypted where it stands; else all of it is made linear and private first. Kernels that ask the marker of shared
 * frags hear the design, too. Up to 4.10, frags are always copied. Throws NoMemory with the skb unchanged.
 * @kernel net/ipv4/esp4.c esp_input (4.11, 7.1)
 */
export function espInput(k: Kernel, skb: SkBuff): void {
  if (k.onOperation !== null) k.onOperation('esp_input', skb);
  const { shinfo } = skb;
  const own = k.era.espInPlace && !skbCloned(skb) && shinfo.fragList === null;
  const asks = k.era.espAsksMarker;
  if (!own || (asks && (shinfo.marked || !k.lifetime.mayWriteFrags(skb)))) skbCowData(k, skb);
  probeReads(k, skb, Reader.TAP); // the cipher reads what is its own now
  const linear = skbHeadlen(skb) - skb.headers;
  if (linear > 0) k.probe.written(null, 0, linear);
  crypt(k, skb.data + skb.headers, linear);
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    const { page, pageOffset, size } = fragAt(skb.shinfo, i);
    k.probe.written(page, pageOffset, size);
    page.writes++;
    crypt(k, page.address + pageOffset, size);
  }
  skb.flow = 0;
}

function crypt(k: Kernel, address: number, size: number): void {
  const { mem } = k;
  for (let i = 0; i < size; i++) mem[address + i]! ^= KEY;
  k.cost[k.side + Cost.CACHE_LINES]! += lines(size);
}
