// A packet that netfilter duplicates to this host, where ESP decrypts the duplicate.
// Model: stands on the device, as a tap does, in place of a rule and a route.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import { expectNoMemory } from '../../errors.ts';
import { visitList, type HolderVisitor } from '../../holders.ts';
import { Context } from '../../probe.ts';
import { pskbCopy } from '../core/skb_clone.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { espInput } from '../ipv4/esp4.ts';
import { PacketSock } from '../packet/af_packet.ts';

/** @kernel net/netfilter/xt_TEE.c tee_tg4, net/ipv4/netfilter/nf_dup_ipv4.c nf_dup_ipv4 */
export class TeeToEsp extends PacketSock {
  override forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'esp');
  }

  /** The duplicate has a header of its own and shares the frags. */
  override receive(skb: SkBuff): void {
    const { k } = this;
    mustHave(k.era, CHANGES.teeTarget, 'xt_TEE');
    try {
      super.receive(pskbCopy(k, skb));
    } catch (error) {
      expectNoMemory(error);
      this.drops++;
    }
    kfreeSkb(k, skb);
  }

  /** ESP takes one duplicate and decrypts it; what comes out is nobody's here. */
  override take(): boolean {
    const { k } = this;
    const skb = this.queue.shift();
    if (skb === null) return false;
    k.context = Context.SOFTIRQ;
    k.agenda.disarm(this.place);
    try {
      espInput(k, skb);
    } catch (error) {
      expectNoMemory(error);
    }
    kfreeSkb(k, skb);
    if (this.queue.qlen > 0) k.agenda.arm(this.place, k.agenda.now + this.readTicks);
    return true;
  }
}
