// An AF_PACKET socket without a ring: a tap whose packets wait, as clones, until its owner reads them.
import { expectNoMemory } from '../../errors.ts';
import { Party, type StepSource } from '../../agenda.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Context, Reader } from '../../probe.ts';
import { probeReads } from '../core/datagram.ts';
import { skbFragsReadable } from '../core/netmem.ts';
import { pskbTrim } from '../core/skb_pull.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import { Sock } from '../core/sock.ts';
import { kfreeSkb, skbSetOwnerR } from '../core/skb_free.ts';
import { skbHeadlen, type SkBuff } from '../core/skbuff.ts';
import { declareState } from '../../state.ts';

/** @kernel net/packet/af_packet.c packet_rcv, packet_recvmsg */
export class PacketSock extends Sock implements StepSource, Holder {
  readonly name: string;
  readonly verbs = ['reads a packet'] as const;
  readonly k: Kernel;
  readonly queue = new SkBuffHead();
  /** Bytes of each packet that are kept. */
  snaplen: number;
  /** Ticks from one read to the next; the first comes that long after a packet arrived. */
  readTicks: number;
  /** Packets refused because the receive buffer was full. */
  drops = 0;
  packets = 0;
  readonly party = Party.READER;
  place = -1;

  constructor(k: Kernel, name: string, readTicks: number, snaplen = 262144) {
    super();
    this.k = k;
    this.name = name;
    this.readTicks = readTicks;
    this.snaplen = snaplen;
    this.rcvbuf = 212992;
    k.agenda.add(this);
    k.holders.push(this);
  }

  get comesIn(): boolean {
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'tap');
  }

  /** Takes a clone; filters come first, but this tap wants everything. */
  receive(skb: SkBuff): void {
    const { k } = this;
    skb.cb = null; // PACKET_SKB_CB
    if (this.rmemAlloc + skb.truesize > this.rcvbuf) {
      this.drops++;
      kfreeSkb(k, skb);
      return;
    }
    try {
      const seen = skbFragsReadable(k, skb) ? skb.len : skbHeadlen(skb);
      const snaplen = Math.min(seen, this.snaplen);
      if (skb.len > snaplen) pskbTrim(k, skb, snaplen);
    } catch (error) {
      expectNoMemory(error);
      this.drops++;
      kfreeSkb(k, skb);
      return;
    }
    skbSetOwnerR(k, skb, this);
    this.queue.push(skb);
    if (!k.agenda.isArmed(this.place)) k.agenda.arm(this.place, k.agenda.now + this.readTicks);
  }

  /** recv(): copies one packet to the reader and frees it, in process context. */
  take(): boolean {
    const { k } = this;
    const skb = this.queue.shift();
    if (skb === null) return false;
    k.context = Context.PROCESS;
    this.packets++;
    k.agenda.disarm(this.place);
    probeReads(k, skb, Reader.TAP);
    kfreeSkb(k, skb);
    if (this.queue.qlen > 0) k.agenda.arm(this.place, k.agenda.now + this.readTicks);
    return true;
  }

  item(): number {
    return 0;
  }

  choices(out: number[]): void {
    out.push(0, 0);
  }
}

declareState(PacketSock, {
  state: 'queue snaplen readTicks',
  constant: 'name verbs k party place',
  count: 'drops packets',
});
