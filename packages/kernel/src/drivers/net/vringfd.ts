// A ring that a process shares with its tun device: it posts transmit buffers, tun sends them by reference, and a
// descriptor is marked used when the stack is done with its pages. The mark is a write to user memory, which may
// sleep, so a worker makes it later; and it goes through the ring in order, however the packets end.
import { SingleStep } from '../../agenda.ts';
import { expectNoMemory } from '../../errors.ts';
import type { CompletionSink, Kernel } from '../../kernel.ts';
import { Cost, type Side } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import { handOut, takeHome } from '../../mm/owner.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import { countSegments, type NetDevice } from '../../net/core/dev.ts';
import { kfreeSkb, skbSetOwnerW } from '../../net/core/skb_free.ts';
import type { SkBuff } from '../../net/core/skbuff.ts';
import { Sock } from '../../net/core/sock.ts';
import { linearPacket, zerocopySgFromIovec } from '../../net/core/zerocopy_sg.ts';
import { declareState } from '../../state.ts';

/** Bytes of each packet that are copied, whatever its size. @kernel drivers/vhost/net.c VHOST_GOODCOPY_LEN (3.8) */
const GOODCOPY_LEN = 256;
/** struct vring_used_elem. @kernel include/linux/virtio_ring.h */
const USED_ELEM = 8;

/** One entry of the ring, from its posting to the mark. */
class Descriptor {
  pages: readonly Page[] = [];
  loan: Loan | null = null;
  /** The stack is done with it. */
  done = false;
}

declareState(Descriptor, {
  state: 'pages loan done',
});

/** The process at the other side of the ring. */
export interface VringUser {
  /** Descriptor number `index` is marked used: its buffer is the process's again. */
  used(index: number): void;
}

/** Marks descriptors used. Its step is a work item: process context, with the process's memory at hand. */
class Publisher extends SingleStep {
  private readonly vring: Vringfd;

  constructor(vring: Vringfd, name: string) {
    super(`worker ${name}`, 'marks descriptors used');
    this.vring = vring;
  }

  take(): boolean {
    return this.vring.publish();
  }
}

declareState(Publisher, {
  state: 'vring',
});

/**
 * The transmit half of a tun device whose process has given it a ring. Loans carry `producer`.
 * @kernel drivers/net/tun.c with vringfd (R. Russell, 2008, not merged); drivers/vhost/net.c handle_tx,
 * vhost_zerocopy_signal_used (3.8)
 */
export class Vringfd implements CompletionSink {
  readonly k: Kernel;
  readonly tun: NetDevice;
  readonly side: Side;
  /** As the machine numbers producers: given by whoever registers it. */
  producer = 0;
  private readonly address: number;
  private readonly user: VringUser;
  private readonly publisher: Publisher;
  /** The socket of the tun device, which what its process sends is charged to. */
  private readonly sk = new Sock();
  private readonly flow: number;
  private seq = 0;
  private readonly ring: readonly Descriptor[];
  /** The used ring, in the process's memory. */
  private readonly usedRing: Page;
  /** Ring positions, ever growing: published <= posted. */
  private posted = 0;
  private published = 0;

  constructor(
    k: Kernel,
    tun: NetDevice,
    side: Side,
    address: number,
    user: VringUser,
    entries: number,
    usedRing: Page,
  ) {
    this.k = k;
    this.tun = tun;
    this.side = side;
    this.address = address;
    this.user = user;
    this.flow = k.newFlow(side);
    this.sk.slot = this.flow;
    this.ring = Array.from({ length: entries }, () => new Descriptor());
    this.usedRing = usedRing;
    this.publisher = new Publisher(this, tun.name);
    k.agenda.add(this.publisher);
  }

  /** Descriptors that can be posted. */
  get room(): number {
    return this.ring.length - (this.posted - this.published);
  }

  /**
   * The process posts `size` bytes of `pages` and notifies: they are pinned and sent to `daddr`. Returns the number of
   * the descriptor, or -1 when the ring is full.
   */
  post(pages: readonly Page[], size: number, daddr: number): number {
    const { k, ring } = this;
    if (this.room === 0) return -1;
    const index = this.posted++ % ring.length;
    const descriptor = ring[index]!;
    for (const page of pages) handOut(k, page); // get_user_pages
    descriptor.pages = pages;
    descriptor.done = false;
    const loan = k.newLoan(this.producer, index);
    descriptor.loan = loan;
    this.send(pages, size, daddr, loan);
    k.lifetime.returned(loan);
    k.release(loan);
    return index;
  }

  /** Without memory the packet is lost, and what it had is released. */
  private send(pages: readonly Page[], size: number, daddr: number, loan: Loan): void {
    const { k, sk, flow, seq, address: saddr } = this;
    this.seq = (seq + size) | 0;
    let skb: SkBuff | null = null;
    try {
      const bytes = { pages, size, flow, seq, saddr, daddr };
      skb = linearPacket(k, bytes, GOODCOPY_LEN);
      if (k.era.tunCharges) skbSetOwnerW(k, skb, sk);
      const charged = skb.truesize;
      zerocopySgFromIovec(k, skb, bytes, loan, 'marked');
      if (k.era.tunCharges) sk.wmemAlloc += skb.truesize - charged;
    } catch (error) {
      expectNoMemory(error);
      if (skb !== null) kfreeSkb(k, skb);
      return;
    }
    countSegments(k, skb);
    this.tun.netifReceiveSkb(skb); // netif_rx_ni runs the softirq before it returns
  }

  /** In any context: all that may be done here is to note it and to schedule the work. */
  loanCompleted(loan: Loan): void {
    const descriptor = this.ring[loan.op]!;
    if (descriptor.loan !== loan) return;
    descriptor.done = true;
    const { agenda } = this.k;
    if (!agenda.isArmed(this.publisher.place)) agenda.arm(this.publisher.place, agenda.now);
  }

  /** The worker: goes through the ring up to the first descriptor that the stack still uses. */
  publish(): boolean {
    const { k, ring } = this;
    if (!k.agenda.isArmed(this.publisher.place)) return false;
    k.agenda.disarm(this.publisher.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    while (this.published < this.posted) {
      const index = this.published % ring.length;
      const descriptor = ring[index]!;
      if (!descriptor.done) break;
      for (const page of descriptor.pages) takeHome(k, page); // put_page: the pin
      descriptor.loan = null;
      this.copyToUser(index);
      this.published++;
      this.user.used(index);
    }
    return true;
  }

  private copyToUser(index: number): void {
    const { k, usedRing } = this;
    const at = usedRing.address + 4 + (this.published % this.ring.length) * USED_ELEM;
    k.mem[at] = index;
    k.mem[usedRing.address] = this.published + 1; // used->idx
    k.cost[k.side + Cost.COPIED_BYTES]! += USED_ELEM;
  }
}

declareState(Vringfd, {
  state: 'tun producer user publisher sk seq ring usedRing posted published',
  constant: 'k side address flow',
});
