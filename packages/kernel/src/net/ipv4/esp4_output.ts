// Encryption on the way out: what is lent is read by a cipher, and what is sent is a page of the stack's own.
// Model: the cipher and what comes out are those of esp4.ts; a trailer is counted, and there is none.
import type { CryptoRequest, Cryptd } from '../../crypto/cryptd.ts';
import type { HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { PAGE_SIZE, allocPage } from '../../mm/page_alloc.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import { skbZcopyDowngradeManaged } from '../core/managed_frag.ts';
import { skbCowData } from '../core/skb_private.ts';
import {
  SkbFrag,
  copyFrag,
  fragAt,
  fragSeq,
  skbCloned,
  skbHeadlen,
  type SkBuff,
} from '../core/skbuff.ts';
import { decryptInPlace, espCipher } from './esp4.ts';

/** The least that ESP appends: how much is padded, and the next header. Model: a kernel pads, and appends what proves the rest. */
const TRAILER = 2;

/**
 * Encrypts the payload of `skb`, which `next` gets when `engine` is done with it. A page that nobody shares is read where it
 * stands, and the packet goes on with another one in its place; its reference waits for the engine. All else is made linear and
 * private first, and what does not fit into a page, from 7.1 on with its trailer (6.1.192), as well (Model: before 5.18 up to 32 KiB
 * went so, in a block of pages [5bd8baab087d]). Throws NoMemory with the packet as it was, or up to 7.0.12, if it is the last of the allocations that
 * fails, without its pages, which nobody has then.
 * @kernel net/ipv4/esp4.c esp_output_head, esp_output_tail (4.11, 7.2); esp_output (2.6.24)
 */
export function espOutput(
  k: Kernel,
  skb: SkBuff,
  engine: Cryptd,
  next: (skb: SkBuff) => void,
  as: 'esp_output_tail' | 'esp6_output_tail' = 'esp_output_tail',
): void {
  if (k.onOperation !== null) k.onOperation(as, skb);
  const { shinfo } = skb;
  const apart =
    k.era.espInPlace &&
    !skbCloned(skb) &&
    shinfo.fragList === null &&
    shinfo.nrFrags > 0 &&
    shinfo.nrFrags < k.era.maxSkbFrags && // the trailer is an entry of its own
    skb.dataLen + (k.era.espCountsTrailer ? TRAILER : 0) <= PAGE_SIZE;
  if (!apart) skbCowData(k, skb);
  else if (k.era.espDowngrades) skbZcopyDowngradeManaged(k, skb); // esp_output_head
  k.mayFail(); // esp_alloc_tmp
  const request = new EspOutput(k, skb, next);
  if (apart) request.takesPages();
  engine.enqueue(request);
}

/** A packet that is being encrypted. */
class EspOutput implements CryptoRequest {
  private readonly k: Kernel;
  private readonly skb: SkBuff;
  private readonly next: (skb: SkBuff) => void;
  /** The source, where that is not the packet itself: a scatterlist knows page, offset and size. */
  private src: readonly SkbFrag[] = [];
  private flow = 0;
  private seq = 0;

  constructor(k: Kernel, skb: SkBuff, next: (skb: SkBuff) => void) {
    this.k = k;
    this.skb = skb;
    this.next = next;
  }

  /** The pages are the request's, with the references that the packet had on them: it has another page. */
  takesPages(): void {
    const { k, skb } = this;
    const { shinfo } = skb;
    const page = allocPage(k);
    this.src = Array.from({ length: shinfo.nrFrags }, (_, i) => {
      const entry = new SkbFrag();
      copyFrag(entry, fragAt(shinfo, i));
      entry.loan = null;
      return entry;
    });
    this.flow = skb.flow;
    this.seq = fragSeq(skb);
    shinfo.nrFrags = 0;
    k.fillPageDesc(skb, page, 0, skb.dataLen);
    if (skbHeadlen(skb) === skb.headers) skb.flow = 0;
    try {
      k.mayFail(); // skb_to_sgvec. Model: -EMSGSIZE
    } catch (error) {
      if (k.era.espFailureUnrefs) this.ssgUnref();
      throw error;
    }
  }

  done(): void {
    const { k, skb, src } = this;
    if (src.length === 0) decryptInPlace(k, skb);
    else {
      const { page } = fragAt(skb.shinfo, 0);
      let { seq } = this;
      let at = page.address;
      for (const { page: from, pageOffset, size } of src) {
        const address = from.address + pageOffset;
        k.probe.read(Reader.TAP, this.flow, seq, size, address, from);
        espCipher(k, address, at, size);
        seq = (seq + size) | 0;
        at += size;
      }
      page.writes++;
      this.ssgUnref();
    }
    skb.flow = 0;
    this.next(skb); // xfrm_output_resume
  }

  /**
   * As a scatterlist knows: page by page. From 6.9 on as skb_frag_unref does it, which asks whether the page is of a pool;
   * 6.1.192 does so, too.
   * @kernel net/ipv4/esp4.c esp_ssg_unref (4.11, 6.9)
   */
  private ssgUnref(): void {
    const { k, skb, src } = this;
    for (const entry of src) {
      if (k.era.espUnrefsPool) k.lifetime.fragUnref(skb.shinfo, entry, skb);
      else k.lifetime.pageUnref(entry.page);
    }
  }

  forEachReader(visitor: HolderVisitor): void {
    visitor.skb(this.skb, 'crypto engine', this.skb.seq);
    for (const { page, pageOffset, size } of this.src)
      visitor.page(page, pageOffset, size, 'crypto engine');
  }
}

declareState(EspOutput, {
  state: 'skb src flow seq',
  constant: 'k next',
});
