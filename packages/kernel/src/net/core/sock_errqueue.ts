// The error queue of a socket: a packet that was sent waits there, as a clone with its time stamp, until the
// application asks for it.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import { SingleStep } from '../../agenda.ts';
import { expectNoMemory } from '../../errors.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { Context, Reader } from '../../probe.ts';
import { probeReads } from './datagram.ts';
import { skbClone } from './skb_clone.ts';
import { receiverClone } from './skb_private.ts';
import { kfreeSkb, skbSetOwnerR } from './skb_free.ts';
import { SkBuffHead } from './skb_queue.ts';
import type { Sock } from './sock.ts';
import type { SkBuff } from './skbuff.ts';
import { declareState } from '../../state.ts';

/**
 * What goes to the error queue of a packet that was sent. It waits there as long as nobody reads, so a clone with
 * MSG_ZEROCOPY's pages gets copies from 6.4 on.
 * @kernel net/core/skbuff.c __skb_tstamp_tx (2.6.30, 6.4)
 */
export function tstampClone(k: Kernel, skb: SkBuff): SkBuff {
  return k.era.tstampOrphans ? receiverClone(k, skb) : skbClone(k, skb, Site.TAP);
}

/** @kernel include/net/sock.h sk_error_queue, net/core/skbuff.c sock_queue_err_skb (3.8) */
export class ErrorQueue extends SingleStep implements Holder {
  private readonly k: Kernel;
  private readonly sk: Sock;
  private readonly queue = new SkBuffHead();
  private readonly readTicks: number;

  /** The application reads `readTicks` after a packet came. */
  constructor(k: Kernel, name: string, sk: Sock, readTicks: number) {
    super(`error queue ${name}`, 'is read');
    this.k = k;
    this.sk = sk;
    this.readTicks = readTicks;
    k.agenda.add(this);
    k.holders.push(this);
  }

  /**
   * The device has sent `skb`, and its socket asked for time stamps: a clone is queued, if there is memory.
   * @kernel net/core/skbuff.c skb_tstamp_tx (2.6.30, 3.8)
   */
  skbTstampTx(skb: SkBuff): void {
    const { k, sk } = this;
    let clone: SkBuff;
    mustHave(k.era, CHANGES.txTimestamps, 'skb_tstamp_tx');
    try {
      clone = tstampClone(k, skb);
    } catch (error) {
      expectNoMemory(error);
      return;
    }
    if (sk.rmemAlloc + clone.truesize >= sk.rcvbuf) {
      kfreeSkb(k, clone);
      return;
    }
    skbSetOwnerR(k, clone, sk);
    this.queue.push(clone);
    if (!k.agenda.isArmed(this.place)) k.agenda.arm(this.place, k.agenda.now + this.readTicks);
  }

  /** recvmsg with MSG_ERRQUEUE: the application gets the packet back. @kernel net/ipv4/ip_sockglue.c ip_recv_error */
  take(): boolean {
    const { k } = this;
    const skb = this.queue.shift();
    if (skb === null) return false;
    k.context = Context.PROCESS;
    k.agenda.disarm(this.place);
    probeReads(k, skb, Reader.TAP);
    kfreeSkb(k, skb);
    if (this.queue.qlen > 0) k.agenda.arm(this.place, k.agenda.now + this.readTicks);
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'error queue');
  }
}

declareState(ErrorQueue, {
  state: 'sk queue',
  constant: 'k readTicks',
});
