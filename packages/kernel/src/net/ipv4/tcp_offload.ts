// What TCP adds to segmentation in software.
import type { Kernel } from '../../kernel.ts';
import { touch } from '../core/skb_free.ts';
import { Destructor, type SkBuff } from '../core/skbuff.ts';

/**
 * The segments of `skb` take over what it is charged for, each its own part, so that the socket hears of the last of
 * them and not of `skb`, which goes first.
 * @kernel net/ipv4/tcp_offload.c tcp_gso_segment (3.10, 7.2)
 */
export function segmentsKeepOwner(k: Kernel, skb: SkBuff, segments: SkBuff): void {
  const { sk } = skb;
  if (!k.era.gsoKeepsOwner || sk === null || !sk.small) return;
  if (skb.destructor !== Destructor.SOCK_WFREE) return;
  let charged = -skb.truesize;
  for (let s: SkBuff | null = segments; s !== null; s = s.next) {
    s.sk = sk;
    s.destructor = Destructor.SOCK_WFREE;
    charged += s.truesize;
    if (s.next === null) {
      skb.sk = null;
      skb.destructor = Destructor.NONE;
    }
    if (k.hearsCharge) k.lifetime.charged(s, skb);
  }
  sk.wmemAlloc += charged;
  touch(k, sk);
}
