// What one device has transmitted another one of the same host receives, the very sk_buff.
import { CHANGES } from '../../changes.ts';
import { expectNoMemory } from '../../errors.ts';
import type { Backlog } from './backlog.ts';
import type { NetDevice } from './dev.ts';
import { kfreeSkb, skbOrphan } from './skb_free.ts';
import { skbOrphanFrags } from './skb_private.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * `skb` comes up from `device` like any other packet; dropped where copies of its pages are wanted and there is no memory. False:
 * dropped.
 * @kernel net/core/dev.c dev_forward_skb, ____dev_forward_skb (3.2, 3.8, 4.9, 5.10, 7.2); net/core/skbuff.c skb_scrub_packet (4.9, 5.10)
 */
export function devForwardSkb(
  device: NetDevice & { readonly backlog: Backlog },
  skb: SkBuff,
): boolean {
  const { k } = device;
  try {
    skbOrphanFrags(k, skb);
  } catch (error) {
    expectNoMemory(error);
    device.drops++;
    kfreeSkb(k, skb);
    return false;
  }
  if (!k.era.changes.has(CHANGES.vethKeepsOwner)) skbOrphan(k, skb); // skb_scrub_packet
  device.backlog.netifRx(skb);
  return true;
}
