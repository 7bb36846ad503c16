// Authentication without encryption: the sum runs over the packet with its mutable fields at zero, so the packet is the stack's
// own before it is looked at. Nobody's page is written, nor read later.
// Model: no header, and a sum is taken and compared with nothing. IPv6 (ah6_output, ah6_input) does the same.
import { CHANGES } from '../../changes.ts';
import type { CryptoRequest, Cryptd } from '../../crypto/cryptd.ts';
import { mustHave } from '../../era.ts';
import type { HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import { probeReads } from '../core/datagram.ts';
import { skbUnclone } from '../core/skb_head.ts';
import { skbCowData } from '../core/skb_private.ts';
import type { SkBuff } from '../core/skbuff.ts';

/** Gets the packet when its sum is taken. */
type Next = (skb: SkBuff) => void;

/**
 * The sum of a packet that leaves is taken, by `engine` when it likes, or (null) at once. Throws NoMemory with no byte lost.
 * @kernel net/ipv4/ah4.c ah_output, ah_output_done (3.6, 5.10, 7.2)
 */
export function ahOutput(k: Kernel, skb: SkBuff, engine: Cryptd | null, next: Next): void {
  mustHave(k.era, CHANGES.ahAsync, 'ah_output with an ahash');
  if (k.onOperation !== null) k.onOperation('ah_output', skb);
  digest(k, skb, Reader.TAP, engine, next);
}

/**
 * As ahOutput, of one that has arrived.
 * @kernel net/ipv4/ah4.c ah_input, ah_input_done (3.6, 5.10, 7.2)
 */
export function ahInput(k: Kernel, skb: SkBuff, engine: Cryptd | null, next: Next): void {
  mustHave(k.era, CHANGES.ahAsync, 'ah_input with an ahash');
  if (k.onOperation !== null) k.onOperation('ah_input', skb);
  skbUnclone(k, skb);
  digest(k, skb, Reader.PROTOCOL, engine, next);
}

function digest(k: Kernel, skb: SkBuff, reader: Reader, engine: Cryptd | null, next: Next): void {
  skbCowData(k, skb);
  k.mayFail(); // ah_alloc_tmp
  const request = new AhDigest(k, skb, reader, next);
  if (engine === null) request.done();
  else engine.enqueue(request);
}

/** A packet whose sum is being taken. */
class AhDigest implements CryptoRequest {
  private readonly k: Kernel;
  private readonly skb: SkBuff;
  private readonly reader: Reader;
  private readonly next: Next;

  constructor(k: Kernel, skb: SkBuff, reader: Reader, next: Next) {
    this.k = k;
    this.skb = skb;
    this.reader = reader;
    this.next = next;
  }

  done(): void {
    probeReads(this.k, this.skb, this.reader);
    this.next(this.skb); // xfrm_output_resume, xfrm_input_resume
  }

  forEachReader(visitor: HolderVisitor): void {
    visitor.skb(this.skb, 'crypto engine', this.skb.seq);
  }
}

declareState(AhDigest, {
  state: 'skb',
  constant: 'k reader next',
});
