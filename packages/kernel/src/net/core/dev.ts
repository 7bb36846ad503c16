// Hosts, devices and the way down: qdisc, taps, feature fixups, driver. And the way up to the protocols.
import { visitList, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { NoMemory, expectNoMemory } from '../../errors.ts';
import { DeviceFault, type StoppedQueue } from '../../fault.ts';
import { Cost } from '../../ledger.ts';
import { checksumHelp } from '../ipv4/checksum.ts';
import { ipId } from '../ipv4/ip_header.ts';
import { fixSegmentHeader } from '../ipv4/tcp_header.ts';
import { skbFragsReadable } from './netmem.ts';
import { receiverClone, skbOrphanFragsRx } from './skb_private.ts';
import { skbLinearize } from './skb_pull.ts';
import { SkBuffHead } from './skb_queue.ts';
import { segmentsKeepOwner } from '../ipv4/tcp_offload.ts';
import { skbSegment } from './skb_segment.ts';
import { kfreeSkb, skbOrphan } from './skb_free.ts';
import { Checksum, type SkBuff } from './skbuff.ts';
import { declareState } from '../../state.ts';

/** @kernel include/linux/netdev_features.h NETIF_F_* */
export interface Features {
  /** scatter/gather: the device reads frags */
  readonly sg: boolean;
  /** the device computes checksums */
  readonly csum: boolean;
  /** the device cuts large TCP packets itself */
  readonly tso: boolean;
  /** the stack may build large packets and cut them just before the driver */
  readonly gso: boolean;
}

export type XmitResult = 'ok' | 'busy';

/** A receiver of packets from a device: IP. */
export interface Receiver {
  /** Asked before the protocols are, and before skb_orphan_frags_rx. @kernel include/linux/netdevice.h rx_handler */
  readonly rxHandler?: true;
  /** It is IP, which from 6.17 on asks for copies itself, behind reassembly. @kernel net/ipv4/ip_input.c ip_local_deliver_finish (6.18) */
  readonly isIp?: true;
  /** `skb` came in through `device`. */
  receive(skb: SkBuff, device: NetDevice): void;
}

/** Gets a clone of every packet of a device. @kernel include/linux/netdevice.h struct packet_type, ETH_P_ALL */
export interface Tap {
  receive(skb: SkBuff): void;
  /** Packets that it did not get. */
  drops: number;
}

/** What stands between the stack and a wire. */
export abstract class NetDevice implements StoppedQueue {
  readonly k: Kernel;
  readonly name: string;
  readonly features: Features;
  readonly mtu: number;
  /** Where packets go that arrive here. */
  receiver: Receiver | null = null;
  readonly qdisc = new SkBuffHead();
  qdiscLimit = 1000;
  readonly taps: Tap[] = [];
  /** netif_stop_queue: the driver takes no more. */
  stopped = false;
  /**
   * What the driver had no room for: a packet, or segments of one that was cut; and the packet itself, where it goes
   * when its last segment has been handed over.
   */
  private rest: SkBuff | null = null;
  private restIsCut = false;
  private restParent: SkBuff | null = null;
  drops = 0;

  constructor(k: Kernel, name: string, features: Features, mtu: number) {
    this.k = k;
    this.name = name;
    this.features = features;
    this.mtu = mtu;
  }

  /** It reads memory of another device. @kernel include/linux/netdevice.h netmem_tx (6.16) */
  protected get netmemTx(): boolean {
    return false;
  }

  /** Its host lends nothing. */
  get lendsNothing(): boolean {
    return false;
  }

  /** ndo_start_xmit: takes the skb, or says busy and leaves it with the caller. */
  protected abstract startXmit(skb: SkBuff): XmitResult;

  /**
   * Queues and runs the qdisc. Drops at the limit.
   * @kernel net/core/dev.c dev_queue_xmit, net/sched/sch_fifo.c pfifo_enqueue
   */
  queueXmit(skb: SkBuff): boolean {
    if (this.qdisc.qlen >= this.qdiscLimit) {
      this.lose(skb);
      return false;
    }
    if (this.k.era.qdiscControlBlock) skb.cb = null; // struct qdisc_skb_cb
    this.qdisc.push(skb);
    this.run();
    return true;
  }

  /** Feeds the driver until it stops. @kernel net/sched/sch_generic.c __qdisc_run */
  run(): void {
    if (this.rest !== null && !this.feedRest()) return;
    while (!this.stopped) {
      const skb = this.qdisc.shift();
      if (skb === null) return;
      this.hardStartXmit(skb);
    }
  }

  /** Everything that waits above the driver. For whoever looks for readers. */
  protected visitQueued(visitor: HolderVisitor): void {
    visitList(this.qdisc.first, visitor, 'qdisc');
    visitList(this.rest, visitor, 'gso list');
  }

  /** @kernel net/core/dev.c dev_hard_start_xmit (3.2, 3.8) */
  private hardStartXmit(skb: SkBuff): void {
    const { k } = this;
    const { era } = k;
    const fault = k.deviceFaults.next();
    if (!skbFragsReadable(k, skb) && !this.netmemTx) {
      if (k.onOperation !== null) k.onOperation('validate_xmit_unreadable_skb', skb);
      this.lose(skb);
      return;
    }
    if (!era.tapAfterSegment) this.nit(skb);
    if (era.earlyOrphan && skb.sk !== null) skbOrphan(k, skb); // skb_orphan_try (2.6.36; Model: no packet has tx_flags)
    try {
      if (skb.shinfo.gsoSize !== 0 && !this.features.tso) {
        if (fault === DeviceFault.LINEARIZE && skb.dataLen !== 0) throw new NoMemory('linearize');
        this.rest = this.segment(skb);
        this.restIsCut = true;
        if (era.cutFreesPacket) kfreeSkb(k, skb);
        else this.restParent = skb;
      } else {
        this.linearize(skb, fault);
      }
    } catch (error) {
      expectNoMemory(error);
      this.lose(skb); // out_kfree_skb: only this packet is lost
      return;
    }
    if (this.restIsCut) {
      this.feedRest();
      return;
    }
    if (!this.finish(skb)) return;
    if (era.tapAfterSegment) this.nit(skb);
    if (fault === DeviceFault.DROP) {
      this.lose(skb);
    } else if (fault === DeviceFault.BUSY) {
      this.requeue(skb);
      k.deviceFaults.requeued(this);
    } else if (this.startXmit(skb) === 'busy') {
      this.requeue(skb);
    }
  }

  /**
   * Hands a packet that need not be cut to the driver itself, past the queue and past all taps. Busy: it is the caller's still.
   * @kernel net/core/dev.c __dev_direct_xmit (6.1, 6.12, 7.2), which calls netdev_start_xmit and not xmit_one
   */
  directXmit(skb: SkBuff): XmitResult {
    const fault = this.k.deviceFaults.next();
    try {
      this.linearize(skb, fault);
    } catch (error) {
      expectNoMemory(error);
      this.lose(skb);
      return 'ok';
    }
    if (!this.finish(skb)) return 'ok';
    if (this.stopped || fault === DeviceFault.BUSY) return 'busy';
    if (fault !== DeviceFault.DROP) return this.startXmit(skb);
    this.lose(skb);
    return 'ok';
  }

  /** What the device cannot read in pieces becomes one. Throws NoMemory. @kernel net/core/dev.c validate_xmit_skb */
  private linearize(skb: SkBuff, fault: DeviceFault): void {
    if (skb.dataLen === 0) return;
    if (fault === DeviceFault.LINEARIZE) throw new NoMemory('linearize');
    if (!this.features.sg) skbLinearize(this.k, skb);
  }

  private lose(skb: SkBuff): void {
    this.drops++;
    kfreeSkb(this.k, skb);
  }

  /** The driver has no room: the packet waits in front of the queue. @kernel net/sched/sch_generic.c dev_requeue_skb */
  private requeue(skb: SkBuff): void {
    this.stopped = true;
    this.rest = skb;
    skb.next = null;
  }

  /** There is room again. @kernel include/linux/netdevice.h netif_wake_queue */
  wake(): void {
    this.stopped = false;
    this.run();
  }

  /** @kernel net/core/dev.c dev_gso_segment */
  private segment(skb: SkBuff): SkBuff {
    const { k } = this;
    const list = skbSegment(k, skb, this.features.sg);
    let id = ipId(k.mem, skb.data);
    for (let s: SkBuff | null = list; s !== null; s = s.next) {
      fixSegmentHeader(k.mem, s.data, s.len, s.seq, id++ & 0xffff, s.next === null);
    }
    segmentsKeepOwner(k, skb, list);
    return list;
  }

  /** Hands over what is left of a cut packet; false when the driver stopped again. */
  private feedRest(): boolean {
    const { k } = this;
    while (this.rest !== null) {
      if (this.stopped) return false;
      const skb: SkBuff = this.rest;
      const { next } = skb;
      skb.next = null;
      if (this.restIsCut && !this.finish(skb)) {
        this.rest = next; // only this segment is lost
        continue;
      }
      if (!this.restIsCut || k.era.tapAfterSegment) this.nit(skb); // each time that the driver is asked
      if (this.startXmit(skb) === 'busy') {
        this.stopped = true;
        skb.next = next;
        return false;
      }
      this.rest = next;
    }
    this.restIsCut = false;
    // The parent goes when its last segment was handed over, not when it was read.
    if (this.restParent !== null) kfreeSkb(k, this.restParent);
    this.restParent = null;
    return true;
  }

  /** Sums what the device does not. False: there was no memory for what must be copied for it, and the packet is gone. */
  private finish(skb: SkBuff): boolean {
    if (skb.ipSummed !== Checksum.PARTIAL || this.features.csum) return true;
    try {
      checksumHelp(this.k, skb);
    } catch (error) {
      expectNoMemory(error);
      this.lose(skb);
      return false;
    }
    skb.ipSummed = Checksum.NONE;
    return true;
  }

  /** A clone for every tap. @kernel net/core/dev.c dev_queue_xmit_nit (3.8, 4.14) */
  private nit(skb: SkBuff): void {
    for (const tap of this.taps) this.tap(tap, skb);
  }

  /** A clone for `tap`; without memory it sees nothing of this packet. */
  private tap(tap: Tap, skb: SkBuff): void {
    try {
      tap.receive(receiverClone(this.k, skb));
    } catch (error) {
      expectNoMemory(error);
      tap.drops++;
    }
  }

  /**
   * As below, for a packet whose pages may be somebody's: a protocol may keep it for ever, and gets a copy of those that say
   * so; a bridge hands it on as it is. Without memory for the copy it is lost.
   * @kernel net/core/dev.c __netif_receive_skb_core (3.8; Model: what is no IP is taken for what IP hands up)
   */
  receiveLent(skb: SkBuff): void {
    const { k, receiver } = this;
    const leaves = receiver?.rxHandler === true || (receiver?.isIp === true && k.era.orphansRxLate);
    try {
      if (!leaves) skbOrphanFragsRx(k, skb);
    } catch (error) {
      expectNoMemory(error);
      this.lose(skb);
      return;
    }
    this.netifReceiveSkb(skb);
  }

  /** A packet has arrived. Taps first, then the protocol. @kernel net/core/dev.c netif_receive_skb */
  netifReceiveSkb(skb: SkBuff): void {
    skb.cb = null; // IPCB, cleared by ip_rcv
    for (const tap of this.taps) this.tap(tap, skb);
    if (this.receiver === null) kfreeSkb(this.k, skb);
    else this.receiver.receive(skb, this);
  }
}

declareState(NetDevice, {
  state: 'receiver qdisc qdiscLimit taps stopped rest restIsCut restParent',
  count: 'drops',
  constant: 'k name features mtu',
});

/** Counts one data segment for every mss of payload that leaves. */
export function countSegments(k: Kernel, skb: SkBuff): void {
  if (skb.len > skb.headers) k.cost[k.side + Cost.SEGMENTS]! += Math.max(1, skb.shinfo.gsoSegs);
}
