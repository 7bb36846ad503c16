// A program of XDP on a device whose driver knows nothing of it. It may write wherever it can read, so what it gets is the
// stack's own.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import type { Kernel } from '../../kernel.ts';
import { pskbExpandHead } from './skb_head.ts';
import { skbCopyExpand } from './skb_private.ts';
import { skbLinearize } from './skb_pull.ts';
import { kfreeSkb } from './skb_free.ts';
import { skbCloned, skbHeadlen, skbHeadroom, type SkBuff } from './skbuff.ts';

/** @kernel include/uapi/linux/bpf.h XDP_PACKET_HEADROOM */
const XDP_PACKET_HEADROOM = 256;

/** What the program writes over everything that it sees. */
export type XdpProgram = (at: number, size: number) => void;

/**
 * A packet that comes up is given to `program` before anybody has a clone of it. What is shared, has pages or too little room in
 * front is made linear and private first; a program that knows fragments gets a copy (`frags`). Returns the packet that goes on.
 * Up to 5.5 the program never sees a shared one, as TCP's are over veth. Throws NoMemory with the packet as it was, or with a head
 * of its own.
 * Model: that copy is linear; in the kernel what does not fit its head stands in pages of a pool of the system's.
 * @kernel net/core/dev.c netif_receive_generic_xdp (4.14, 4.19, 5.10, 7.2), netif_skb_check_for_xdp (6.12); net/core/skbuff.c skb_pp_cow_data (7.2)
 */
export function netifReceiveGenericXdp(
  k: Kernel,
  skb: SkBuff,
  frags: boolean,
  program: XdpProgram,
): SkBuff {
  mustHave(
    k.era,
    frags ? CHANGES.xdpGenericFrags : CHANGES.xdpGeneric,
    'netif_receive_generic_xdp',
  );
  const { changes } = k.era;
  if (skbCloned(skb) && !changes.has(CHANGES.xdpGenericShared)) return skb;
  if (k.onOperation !== null)
    k.onOperation(frags ? 'skb_pp_cow_data' : 'netif_receive_generic_xdp', skb);
  let own = skb;
  const room = changes.has(CHANGES.xdpGenericRoom) ? XDP_PACKET_HEADROOM - skbHeadroom(skb) : 0;
  if (skbCloned(skb) || skb.dataLen > 0 || room > 0) {
    if (frags) {
      own = skbCopyExpand(k, skb, XDP_PACKET_HEADROOM, 0);
      kfreeSkb(k, skb);
    } else {
      if (changes.has(CHANGES.xdpGenericRoom)) pskbExpandHead(k, skb, Math.max(0, room), 0);
      skbLinearize(k, skb);
    }
  }
  const size = skbHeadlen(own);
  k.probe.written(null, 0, size);
  program(own.data, size);
  return own;
}
