// A driver that lends what it receives: the device fills pages of its pool, and the driver passes them up by reference,
// behind a small head with the headers. A page is filled anew once the driver hears that the stack is done with it.
import { expectNoMemory } from '../../errors.ts';
import type { CompletionSink, Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import { PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import { countSegments, type NetDevice } from '../../net/core/dev.ts';
import { kfreeSkb } from '../../net/core/skb_free.ts';
import { Checksum, type SkBuff } from '../../net/core/skbuff.ts';
import { linearPacket, zerocopySgFromIovec } from '../../net/core/zerocopy_sg.ts';
import { IP_HEADER, put16 } from '../../net/ipv4/ip_header.ts';
import { UDP_HEADER } from '../../net/ipv4/udp_sock.ts';
import { declareState } from '../../state.ts';

/** A datagram as it comes in: `size` bytes of payload, for `port` of `daddr`. */
export interface Frame {
  readonly size: number;
  readonly saddr: number;
  readonly daddr: number;
  readonly port: number;
}

/** Pages of one packet that are out. */
class Passed {
  readonly loan: Loan;
  readonly pages: readonly Page[];

  constructor(loan: Loan, pages: readonly Page[]) {
    this.loan = loan;
    this.pages = pages;
  }
}

declareState(Passed, {
  state: 'loan pages',
});

/**
 * The receive ring of `device`, whose buffers are a page each. Loans carry `producer`. Model: the device has verified the
 * checksum, and a frame without a buffer is lost, as nobody refills the ring before pages come back.
 * @kernel net/core/page_pool.c; drivers/net/ethernet/marvell/mvneta.c mvneta_rx_swbm, mvneta_swbm_add_rx_fragment (5.14)
 */
export class ReceivePool implements CompletionSink {
  readonly k: Kernel;
  readonly device: NetDevice;
  readonly side: Side;
  /** As the machine numbers producers: given by whoever registers it. */
  producer = 0;
  /** Buffers in the ring, the one that is filled next first. */
  private readonly free: Page[];
  /** Packets that the stack has, in the order in which they came. */
  private readonly out: Passed[] = [];
  private readonly flow: number;
  private seq = 0;
  private packets = 0;
  /** Frames that found no buffer. */
  missed = 0;

  constructor(k: Kernel, device: NetDevice, side: Side, pages: Page[]) {
    this.k = k;
    this.device = device;
    this.side = side;
    this.free = pages;
    this.flow = k.newFlow(side);
  }

  /** Packets whose pages are in the ring again. */
  get home(): number {
    return this.packets - this.out.length;
  }

  /** A frame arrives: `fill` is the device, which writes to each page that the frame needs. */
  arrives(frame: Frame, fill: (page: Page) => void): void {
    const { k, free } = this;
    const pages = free.splice(0, Math.ceil(frame.size / PAGE_SIZE));
    if (pages.length * PAGE_SIZE < frame.size) {
      free.unshift(...pages);
      this.missed++;
      return;
    }
    for (const page of pages) fill(page);
    k.context = Context.SOFTIRQ;
    k.side = this.side;
    this.poll(frame, pages);
  }

  private poll(frame: Frame, pages: readonly Page[]): void {
    const { k } = this;
    const loan = k.newLoan(this.producer, ++this.packets);
    this.out.push(new Passed(loan, pages));
    const skb = this.packet(frame, pages, loan);
    if (skb !== null) {
      countSegments(k, skb);
      this.device.receiveLent(skb);
    }
    k.lifetime.returned(loan);
    k.release(loan); // from here on the pages are the packet's
  }

  /** Null without memory: the packet is lost, and what it had is released. */
  private packet(
    { size, saddr, daddr, port }: Frame,
    pages: readonly Page[],
    loan: Loan,
  ): SkBuff | null {
    const { k, flow, seq } = this;
    this.seq = (seq + size) | 0;
    let skb: SkBuff | null = null;
    try {
      const bytes = { pages, size, flow, seq, saddr, daddr };
      skb = linearPacket(k, bytes, IP_HEADER + UDP_HEADER);
      put16(k.mem, skb.data + IP_HEADER + 2, port);
      skb.ipSummed = Checksum.UNNECESSARY;
      zerocopySgFromIovec(k, skb, bytes, loan, 'plain'); // skb_add_rx_frag
      return skb;
    } catch (error) {
      expectNoMemory(error);
      if (skb !== null) kfreeSkb(k, skb);
      return null;
    }
  }

  loanCompleted(loan: Loan): void {
    const i = this.out.findIndex((passed) => passed.loan === loan);
    if (i < 0) return;
    const [passed] = this.out.splice(i, 1);
    this.free.push(...passed!.pages);
  }
}

declareState(ReceivePool, {
  state: 'device producer free out seq packets missed',
  constant: 'k side flow',
});
