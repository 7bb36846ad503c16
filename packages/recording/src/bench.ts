// The machine under one design, to which the recorded deeds happen in the recorded order: one page, lent once, in as many
// packets as the recording has. The judge stands beside it.
// Model: each packet has this page alone. What else a packet carries decides nothing about this page's readers, but for
// designs that keep one record for all of a packet (canAppend, mayMove); those are asked, and their refusals are told.
import { Judge } from '@lastref/judge';
import {
  Kernel,
  PAGE_SIZE,
  Reader,
  Side,
  Site,
  Sock,
  allocPage,
  allocSkb,
  copyFragArray,
  kfreeSkb,
  probeReads,
  pskbCopy,
  pskbExpandHead,
  pskbPullTail,
  refFrags,
  skbClone,
  skbOrphan,
  skbOrphanFragsRx,
  skbSetOwnerW,
  skbShift,
  skbSplit,
  skbTryCoalesce,
  type Design,
  type Era,
  type HolderVisitor,
  type Loan,
  type Page,
  type SkBuff,
  adoptFrags,
} from '@lastref/kernel';
import type { Deed, Moves, Shares } from './deeds.ts';

const FRAMES = 64;
/** Lanes behind a skb_orphan_frags_rx: __netif_receive_skb_core, dev_queue_xmit_nit and packet_rcv, tun_net_xmit. */
const RECEIVERS = ['backlog', 'tap', 'tun queue'];

/** The design would have done something else than the recorded kernel: from there on the order is not its own. */
export class Parts extends Error {}

export class Bench {
  readonly judge = new Judge();
  readonly loan: Loan;
  /** The producer has been told. */
  told = false;
  /** The page itself has been in no packet. */
  private never = true;
  private readonly k: Kernel;
  private readonly page: Page;
  private readonly sk = new Sock();
  private readonly flow: number;
  private readonly copies: SkBuff[] = [];
  private readonly hands = new Map<string, { readonly skb: SkBuff; lane: string }>();

  constructor(design: Design, era: Era) {
    this.k = new Kernel(design, era, this.judge, FRAMES);
    this.judge.attach(this.k);
    this.k.producers = { loanCompleted: () => (this.told = true) };
    this.k.holders.push({ forEachReader: (visitor) => this.show(visitor) });
    this.flow = this.k.newFlow(Side.LENT);
    this.sk.slot = this.flow;
    this.page = allocPage(this.k);
    this.loan = this.k.newLoan(0, 1);
  }

  /** Nothing of what was lent has been in a packet. */
  get copied(): boolean {
    return this.never;
  }

  private show(visitor: HolderVisitor): void {
    for (const { skb, lane } of this.hands.values()) visitor.skb(skb, lane, skb.seq);
  }

  /** Throws Parts where the design parts from the recording. */
  do(deed: Deed): void {
    this.act(deed);
    this.k.agenda.now += 1;
    for (let news = this.k.newsPlace(); news >= 0; news = this.k.newsPlace())
      this.k.agenda.take(news, 0, this.k.agenda.sources[news]!.item());
    this.judge.afterStep();
  }

  end(over: boolean): void {
    for (const skb of this.copies) kfreeSkb(this.k, skb);
    this.judge.finish(over);
  }

  private act(deed: Deed): void {
    const { k } = this;
    if (deed.does === 'lend') {
      this.lend(deed.skb);
      return;
    }
    const hand = this.hands.get(deed.skb);
    if (hand === undefined) return; // under this design the packet has a copy, and is looked at no more
    const { skb } = hand;
    switch (deed.does) {
      case 'free':
        this.free(deed.skb, hand.lane);
        return;
      case 'read':
        probeReads(k, skb, hand.lane === 'tap' ? Reader.TAP : Reader.APPLICATION);
        return;
      case 'orphan':
        if (!this.orphan(deed.skb, skb))
          throw new Parts('it would not have given this packet a copy');
        return;
      case 'pull':
        pskbPullTail(k, skb, skb.dataLen);
        return;
      case 'expand':
        pskbExpandHead(k, skb, 0, 0);
        return;
      case 'passes':
        if (deed.lane === 'backlog') skbOrphan(k, skb); // loopback_xmit
        hand.lane = deed.lane;
        if (RECEIVERS.includes(deed.lane)) this.orphan(deed.skb, skb);
        return;
      case 'clone': {
        const clone = skbClone(k, skb, hand.lane === 'write queue' ? Site.XMIT : Site.TAP);
        if (hand.lane === 'write queue') skbSetOwnerW(k, clone, this.sk);
        this.put(deed.to, clone, hand.lane === 'write queue' ? 'qdisc' : 'clone');
        return;
      }
      case 'copy':
        this.put(deed.to, pskbCopy(k, skb), hand.lane);
        return;
      case 'split':
      case 'probe':
      case 'segment':
      case 'cut':
      case 'shift':
      case 'coalesce':
        this.move(deed, skb, hand.lane);
    }
  }

  private lend(name: string): void {
    const { k, loan, page, flow } = this;
    const skb = allocSkb(k, 256, true);
    skb.flow = flow;
    this.put(name, skb, 'write queue');
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    k.lifetime.lend(skb, page, 0, PAGE_SIZE, loan);
    if (skb.shinfo.frags[0]!.page === page) this.never = false;
    skb.len += PAGE_SIZE;
    skb.dataLen += PAGE_SIZE;
    skb.truesize += PAGE_SIZE;
    skb.endSeq = PAGE_SIZE;
    k.lifetime.returned(loan);
    k.release(loan);
  }

  private free(name: string, lane: string): void {
    const { skb } = this.hands.get(name)!;
    this.hands.delete(name);
    kfreeSkb(this.k, skb);
    // what leaves the write queue is acknowledged
    const left = [...this.hands.values()].some((h) => h.lane === 'write queue');
    if (lane === 'write queue' && !left) this.k.lifetime.acked(this.sk, PAGE_SIZE);
  }

  /** Pages go from `skb` to another packet: all of this one, or a part. */
  private move(deed: Shares | Moves, skb: SkBuff, lane: string): void {
    const { k } = this;
    const to = allocSkb(k, 256, false);
    to.flow = skb.flow;
    to.seq = skb.seq;
    to.endSeq = skb.endSeq;
    const refuses = (what: string): never => {
      kfreeSkb(k, to);
      throw new Parts(`it would not let ${what} take the page`);
    };
    if (deed.does === 'coalesce') {
      if (!skbTryCoalesce(k, to, skb)) refuses('skb_try_coalesce');
      to.len = to.dataLen;
    } else if (deed.does === 'shift') {
      if (skbShift(k, to, skb, skb.len) === 0) refuses('skb_shift');
    } else if (deed.does === 'probe') {
      if (k.era.probeRefusesOwner && !k.mayMove(skb, to, Site.PROBE)) refuses('tcp_clone_payload');
      this.refer(skb, to, Site.PROBE);
    } else if (deed.does === 'segment') {
      this.refer(skb, to, Site.SEGMENT);
    } else {
      skbSplit(k, skb, to, deed.does === 'cut' ? 0 : skb.len / 2);
    }
    this.put(deed.to, to, lane);
  }

  /** The frags of `skb` in `to` as well, as skb_segment and tcp_clone_payload take them. */
  private refer(skb: SkBuff, to: SkBuff, site: Site): void {
    const { k } = this;
    copyFragArray(k, to.shinfo, skb.shinfo);
    refFrags(k, to.shinfo);
    to.len = to.dataLen = skb.dataLen;
    adoptFrags(k, skb, to.shinfo, site, to);
  }

  /** Where the kernel says skb_orphan_frags_rx. True: the packet goes on with a copy, and is looked at no more. */
  private orphan(name: string, skb: SkBuff): boolean {
    skbOrphanFragsRx(this.k, skb);
    if (this.has(skb)) return false;
    this.hands.delete(name);
    this.copies.push(skb);
    return true;
  }

  private has({ shinfo }: SkBuff): boolean {
    return shinfo.frags.slice(0, shinfo.nrFrags).some((frag) => frag.page === this.page);
  }

  private put(name: string, skb: SkBuff, lane: string): void {
    this.hands.set(name, { skb, lane });
  }
}
