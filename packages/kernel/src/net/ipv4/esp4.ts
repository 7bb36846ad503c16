// A writer in place: decryption on the way in.
// Model: the cipher is an exclusive-or with a constant, and what comes out is a stream that nobody compares.
// It reads as a tap does: on the host itself.
import type { CryptoRequest, Cryptd } from '../../crypto/cryptd.ts';
import type { HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost, lines } from '../../ledger.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import { probeReads } from '../core/datagram.ts';
import { skbCowData } from '../core/skb_private.ts';
import { skbHasSharedFrag } from '../core/shared_frag.ts';
import { fragAt, skbCloned, skbHeadlen, type SkBuff } from '../core/skbuff.ts';

const KEY = 0x55;

/** esp6.c says the same line by line: an operation of IPv6 is this one by its name. @kernel net/ipv6/esp6.c (4.9, 5.10, 7.2) */
export type EspInputName = 'esp_input' | 'esp6_input';

/**
 * Decrypts the payload of `skb`. Data that nobody shares and that has no frag_list is taken for the stack's own and is
 * decrypted where it stands; else all of it is made linear and private first. Kernels that ask the marker of shared
 * frags hear their own senders, and the design. Up to 4.10, frags are always copied. Throws NoMemory with the skb unchanged.
 * @kernel net/ipv4/esp4.c esp_input (4.11, 7.1)
 */
export function espInput(k: Kernel, skb: SkBuff, as: EspInputName = 'esp_input'): void {
  makeOwn(k, skb, as);
  decryptInPlace(k, skb);
}

/** The same, by an engine that is done with it when it likes; `next` gets the packet then. @kernel net/ipv4/esp4.c esp_input_done (4.11) */
export function espInputAsync(
  k: Kernel,
  skb: SkBuff,
  engine: Cryptd,
  next: (skb: SkBuff) => void,
  as: EspInputName = 'esp_input',
): void {
  makeOwn(k, skb, as);
  k.mayFail(); // esp_alloc_tmp
  engine.enqueue(new EspInput(k, skb, next));
}

/** A packet that is being decrypted. */
class EspInput implements CryptoRequest {
  private readonly k: Kernel;
  private readonly skb: SkBuff;
  private readonly next: (skb: SkBuff) => void;

  constructor(k: Kernel, skb: SkBuff, next: (skb: SkBuff) => void) {
    this.k = k;
    this.skb = skb;
    this.next = next;
  }

  done(): void {
    decryptInPlace(this.k, this.skb);
    this.next(this.skb); // xfrm_input_resume
  }

  forEachReader(visitor: HolderVisitor): void {
    visitor.skb(this.skb, 'crypto engine', this.skb.seq);
  }
}

declareState(EspInput, {
  state: 'skb',
  constant: 'k next',
});

/** Copies what the cipher may not write over. */
function makeOwn(k: Kernel, skb: SkBuff, as: EspInputName): void {
  if (k.onOperation !== null) k.onOperation(as, skb);
  const { shinfo } = skb;
  const own = k.era.espInPlace && !skbCloned(skb) && shinfo.fragList === null;
  const asks = k.era.espAsksMarker;
  if (!own || (asks && skbHasSharedFrag(k, skb))) skbCowData(k, skb);
}

/** The cipher runs over all of `skb` where it stands. */
export function decryptInPlace(k: Kernel, skb: SkBuff): void {
  probeReads(k, skb, Reader.TAP); // the cipher reads what is its own now
  const linear = skbHeadlen(skb) - skb.headers;
  if (linear > 0) k.probe.written(null, 0, linear);
  espCipher(k, skb.data + skb.headers, skb.data + skb.headers, linear);
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    const { page, pageOffset, size } = fragAt(skb.shinfo, i);
    k.probe.written(page, pageOffset, size);
    page.writes++;
    espCipher(k, page.address + pageOffset, page.address + pageOffset, size);
  }
  skb.flow = 0;
}

/** `size` bytes at `from`, to `to`, which may be the same. */
export function espCipher(k: Kernel, from: number, to: number, size: number): void {
  const { mem } = k;
  for (let i = 0; i < size; i++) mem[to + i] = mem[from + i]! ^ KEY;
  k.cost[k.side + Cost.CACHE_LINES]! += lines(size);
}
