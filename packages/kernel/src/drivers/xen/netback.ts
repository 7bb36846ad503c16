// The host's half of a guest's transmit path. The guest's pages are mapped by grant and sent by reference; when the
// stack is done with them they are unmapped, and the guest is answered. A page that is in use for too long is replaced
// by a copy, so that no guest waits for another one. Or the host copies at once, and owes the guest nothing.
import { SingleStep } from '../../agenda.ts';
import { expectNoMemory } from '../../errors.ts';
import type { CompletionSink, Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import { abandon, handOut, takeHome } from '../../mm/owner.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import { countSegments } from '../../net/core/dev.ts';
import { kfreeSkb } from '../../net/core/skb_free.ts';
import type { SkBuff } from '../../net/core/skbuff.ts';
import { linearPacket, zerocopySgFromIovec } from '../../net/core/zerocopy_sg.ts';
import { gnttabCopyGrantPage } from './grant-table.ts';
import type { Vif } from './vif.ts';
import { declareState } from '../../state.ts';

/** Bytes of each packet that are copied, so that the guest cannot change headers that a filter has passed. */
const PKT_PROT_LEN = 64;
/** HZ/2 */
export const PENDING_TICKS = 500_000;

/** What becomes of a guest's pages: netback's module parameter copy_skb, and the driver that was merged. */
export const Transmit = {
  /** Mapped, for as long as it takes. */
  MAP: 0,
  /** Mapped, and copied when the stack has them for more than HZ/2. */
  MAP_AND_COPY_LATE: 1,
  /** Copied by the hypervisor, on the host's account (2.6.39 to 3.14). */
  GRANT_COPY: 2,
} as const;
export type Transmit = (typeof Transmit)[keyof typeof Transmit];

/** A packet that the guest has put in its ring. The pages are the guest's; one that is replaced changes here. */
export interface TxRequest {
  readonly pages: Page[];
  readonly size: number;
  readonly daddr: number;
}

/** The guest's own driver. */
export interface Frontend {
  readonly address: number;
  /** The host needs the pages of `request` no more. */
  response(request: TxRequest): void;
}

/** One request from its mapping to the guest's answer, and, where pages were replaced, to the stack's last word. */
class Pending {
  readonly request: TxRequest;
  readonly loan: Loan;
  /** When it has been in use for HZ/2. */
  readonly due: number;
  /** On its way to be unmapped, or past that: the guest waits for nothing. */
  over = false;
  /** A device had a page of it in its ring when its time was up: it waits for the stack's word (-EBUSY). */
  busy = false;
  /** Pages that were the guest's, and are the stack's now. */
  readonly replaced: Page[] = [];

  constructor(request: TxRequest, loan: Loan, due: number) {
    this.request = request;
    this.loan = loan;
    this.due = due;
  }
}

declareState(Pending, {
  state: 'request loan over busy replaced',
  moment: 'due',
});

class TxAction extends SingleStep {
  private readonly netback: Netback;

  constructor(netback: Netback) {
    super(`${netback.vif.name} tx action`, 'takes packets from the ring of its guest');
    this.netback = netback;
  }

  take(): boolean {
    return this.netback.txAction();
  }
}

declareState(TxAction, {
  state: 'netback',
});

class Dealloc extends SingleStep {
  private readonly netback: Netback;

  constructor(netback: Netback) {
    super(`${netback.vif.name} dealloc`, 'unmaps pages and answers the guest');
    this.netback = netback;
  }

  take(): boolean {
    return this.netback.dealloc();
  }
}

declareState(Dealloc, {
  state: 'netback',
});

class PendingTimer extends SingleStep {
  private readonly netback: Netback;

  constructor(netback: Netback) {
    super(`${netback.vif.name} pending timer`, 'replaces pages that are in use for too long');
    this.netback = netback;
  }

  take(): boolean {
    return this.netback.copyLate();
  }
}

declareState(PendingTimer, {
  state: 'netback',
});

/**
 * Loans carry `producer`.
 * @kernel drivers/xen/netback/netback.c net_tx_action, netif_page_release, net_tx_action_dealloc, copy_pending_req
 * (2.6.18-xen); drivers/net/xen-netback/netback.c (3.8 for grant copies, 3.18)
 */
export class Netback implements CompletionSink {
  readonly k: Kernel;
  readonly vif: Vif;
  readonly side: Side;
  /** As the machine numbers producers: given by whoever registers it. */
  producer = 0;
  private readonly frontend: Frontend;
  private readonly transmit: Transmit;
  private readonly action: TxAction;
  private readonly deallocTasklet: Dealloc;
  private readonly pendingTimer: PendingTimer;
  private readonly flow: number;
  private seq = 0;
  private requests = 0;
  /** Packets that the guest has put in its ring. */
  private readonly ring: TxRequest[] = [];
  /** Requests whose loan is out, the oldest first. */
  private readonly inUse: Pending[] = [];
  /** Requests that wait to be unmapped. */
  private readonly deallocRing: Pending[] = [];

  constructor(k: Kernel, vif: Vif, side: Side, frontend: Frontend, transmit: Transmit) {
    this.k = k;
    this.vif = vif;
    this.side = side;
    this.frontend = frontend;
    this.transmit = transmit;
    this.flow = k.newFlow(side);
    this.action = new TxAction(this);
    this.deallocTasklet = new Dealloc(this);
    this.pendingTimer = new PendingTimer(this);
    for (const step of [this.action, this.deallocTasklet, this.pendingTimer]) k.agenda.add(step);
  }

  /** The guest has put a packet in its ring and kicks. */
  kick(request: TxRequest): void {
    this.ring.push(request);
    this.arm(this.action);
  }

  private arm(step: SingleStep): void {
    const { agenda } = this.k;
    if (!agenda.isArmed(step.place)) agenda.arm(step.place, agenda.now);
  }

  txAction(): boolean {
    const { k } = this;
    if (!k.agenda.isArmed(this.action.place)) return false;
    k.agenda.disarm(this.action.place);
    k.context = Context.SOFTIRQ;
    k.side = this.side;
    for (let r = this.ring.shift(); r !== undefined; r = this.ring.shift()) this.send(r);
    return true;
  }

  private send(request: TxRequest): void {
    const { k } = this;
    for (const page of request.pages) handOut(k, page); // GNTTABOP_map_grant_ref
    const loan = k.newLoan(this.producer, ++this.requests);
    const pending = new Pending(request, loan, k.agenda.now + PENDING_TICKS);
    this.inUse.push(pending);
    const copies = this.transmit === Transmit.GRANT_COPY;
    const skb = this.packet(request, loan);
    if (copies) {
      k.probe.released(loan);
      k.complete(loan); // the host knows by itself: no design is asked
    }
    if (skb !== null) {
      countSegments(k, skb);
      this.vif.netifReceiveSkb(skb);
    }
    if (copies) return;
    k.lifetime.returned(loan);
    k.release(loan);
    this.armTimer();
  }

  /** Null without memory: the packet is lost, and what it had is released. */
  private packet({ pages, size, daddr }: TxRequest, loan: Loan): SkBuff | null {
    const { k, flow, seq } = this;
    this.seq = (seq + size) | 0;
    let skb: SkBuff | null = null;
    try {
      const bytes = { pages, size, flow, seq, saddr: this.frontend.address, daddr };
      skb = linearPacket(k, bytes, PKT_PROT_LEN);
      const as = this.transmit === Transmit.GRANT_COPY ? 'copied' : 'plain';
      zerocopySgFromIovec(k, skb, bytes, loan, as);
      return skb;
    } catch (error) {
      expectNoMemory(error);
      if (skb !== null) kfreeSkb(k, skb);
      return null;
    }
  }

  /** In any context, under a lock that is taken with interrupts off: the slots are noted, and a tasklet does the rest. */
  loanCompleted(loan: Loan): void {
    const { k, inUse } = this;
    const i = inUse.findIndex((p) => p.loan === loan);
    if (i < 0) return;
    const [pending] = inUse.splice(i, 1);
    for (const page of pending!.replaced.splice(0)) abandon(k, page); // gnttab_page_free
    this.giveBack(pending!);
  }

  private giveBack(pending: Pending): void {
    if (pending.over) return;
    pending.over = true;
    this.deallocRing.push(pending);
    this.arm(this.deallocTasklet);
  }

  dealloc(): boolean {
    const { k } = this;
    if (!k.agenda.isArmed(this.deallocTasklet.place)) return false;
    k.agenda.disarm(this.deallocTasklet.place);
    k.context = Context.SOFTIRQ;
    k.side = this.side;
    for (const { request } of this.deallocRing.splice(0)) {
      for (const page of request.pages) takeHome(k, page); // GNTTABOP_unmap_grant_ref
      this.frontend.response(request);
    }
    return true;
  }

  private armTimer(): void {
    const { agenda } = this.k;
    if (this.transmit !== Transmit.MAP_AND_COPY_LATE || agenda.isArmed(this.pendingTimer.place))
      return;
    const first = this.inUse.find((p) => !p.over && !p.busy);
    if (first !== undefined) agenda.arm(this.pendingTimer.place, first.due);
  }

  /** The oldest requests are in use for too long: their pages are replaced, and the guest gets its own back. */
  copyLate(): boolean {
    const { k } = this;
    const { agenda } = k;
    if (!agenda.isArmed(this.pendingTimer.place)) return false;
    agenda.disarm(this.pendingTimer.place);
    k.context = Context.SOFTIRQ;
    k.side = this.side;
    let looked = false;
    for (const pending of this.inUse) {
      if (pending.over || pending.busy) continue;
      if (looked && pending.due > agenda.now) break;
      looked = true;
      this.replace(pending);
    }
    this.armTimer();
    return true;
  }

  /** Without memory the rest waits for the next time; what is replaced stays so. */
  private replace(pending: Pending): void {
    const { pages } = pending.request;
    const { replaced } = pending;
    try {
      while (replaced.length < pages.length) {
        const i = replaced.length;
        const other = gnttabCopyGrantPage(this.k, pages[i]!);
        if (other === null) {
          pending.busy = true;
          return;
        }
        replaced.push(pages[i]!);
        pages[i] = other;
      }
      this.giveBack(pending);
    } catch (error) {
      expectNoMemory(error);
    }
  }
}

declareState(Netback, {
  state:
    'vif producer frontend transmit action deallocTasklet pendingTimer seq requests ring inUse deallocRing',
  constant: 'k side flow',
});
