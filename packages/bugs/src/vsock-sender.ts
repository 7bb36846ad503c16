// A socket of vsock that sends to its own host by reference: a call is cut into packets, and each stands in the receiver's queue
// as it was made.
import {
  GetPutPage,
  PAGE_SIZE,
  Reader,
  Side,
  SkBuffHead,
  declareState,
  expectNoMemory,
  kfreeSkb,
  visitList,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from './act.ts';
import { program } from './lib.ts';
import { Owner } from './owner.ts';
import { pagedPacket, readAndFree } from './packets.ts';
import { workloadOf } from './wire.ts';

/** The ubuf_info of a call: each packet that has it counts, and who sends has a reference of its own until the call returns. */
class UbufOfCall extends GetPutPage {
  override zcopyClear({ loan }: SkbSharedInfo): void {
    if (loan !== null) this.k.drop(loan);
  }

  override released(): void {} // the call puts its reference itself
}

/**
 * msg->msg_ubuf of a request with a registered buffer, which keeps the buffer: no packet takes references on pages of its own.
 * One that has no ubuf_info is like any other to whoever frees it.
 * @kernel io_uring/net.c io_sg_from_iter, net/core/skbuff.c skb_release_data (6.12)
 */
class UbufOfRequest extends UbufOfCall {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number): void {
    this.k.fillPageDesc(skb, page, pageOffset, size);
  }
}

export const msgZerocopy = program(
  'vsock-msg-zerocopy',
  'MSG_ZEROCOPY on a socket of vsock',
  2023,
  (k) => new UbufOfCall(k),
);

export const registered = program(
  'vsock-registered',
  'a registered buffer, whose pages no packet counts',
  2023,
  (k) => new UbufOfRequest(k),
);

/** One call. @kernel net/vmw_vsock/virtio_transport_common.c virtio_transport_send_pkt_info, net/vmw_vsock/vsock_loopback.c */
export abstract class VsockSender extends Owner implements Holder {
  private readonly pages: readonly Page[];
  /** Pages of one packet: max_skb_len. */
  private readonly perPacket: number;
  private readonly flow: number;
  private readonly queue = new SkBuffHead();
  private readonly read: Act;

  constructor(k: Kernel, pages: number, perPacket: number) {
    super(k, 'process', 1);
    this.perPacket = perPacket;
    this.flow = k.newFlow(Side.LENT);
    this.pages = ownPages(k, pages);
    this.pages.forEach((page, n) => writePage(k, page, n + 1));
    k.holders.push(this);
    new Act(k, 'process send', 'sends', () => this.send()).arm();
    this.read = new Act(k, 'receiver', 'reads a packet', () => this.receive());
  }

  private send(): void {
    const { queue, pages, perPacket } = this;
    const loan = this.newLoan(1);
    try {
      for (let n = 0; n < pages.length; n += perPacket) queue.push(this.packet(loan, n));
    } catch (error) {
      expectNoMemory(error); // what has gone has gone, and the call comes short
    }
    this.handedOver(loan);
    this.returns(loan, queue.first !== null);
    if (queue.first !== null) this.read.arm();
  }

  /** The packet with the pages from `from` on. Throws NoMemory, and then it is freed. */
  private packet(loan: Loan, from: number): SkBuff {
    const { k, flow, pages, perPacket } = this;
    const last = Math.min(from + perPacket, pages.length);
    const skb = pagedPacket(k, flow, from * PAGE_SIZE, (last - from) * PAGE_SIZE);
    try {
      this.beforeFill(skb, loan);
      for (let n = from; n < last; n++) {
        if (n > from) k.mayFail(); // no entry is left: EMSGSIZE
        k.probe.lent(loan, pages[n]!, 0, PAGE_SIZE, flow, n * PAGE_SIZE);
        k.lifetime.lend(skb, pages[n]!, 0, PAGE_SIZE, loan);
      }
    } catch (error) {
      kfreeSkb(k, skb);
      throw error;
    }
    this.afterFill(skb, loan, last === pages.length);
    return skb;
  }

  protected beforeFill(_skb: SkBuff, _loan: Loan): void {}

  protected afterFill(_skb: SkBuff, _loan: Loan, _isLast: boolean): void {}

  /** The call is over. */
  protected abstract returns(loan: Loan, hasSent: boolean): void;

  private receive(): void {
    readAndFree(this.k, this.queue, Reader.APPLICATION);
    if (this.queue.first !== null) this.read.arm();
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'receive queue');
  }
}

declareState(VsockSender, { state: 'pages queue', constant: 'perPacket flow read' });

/** A call of this version, of so many pages, each packet with so many of them. */
export function vsockCall(id: string, make: (k: Kernel) => VsockSender): Workload {
  return workloadOf(id, 'a process sends to a socket of its own host by reference', make, {
    by: 'socket',
    over: 'device',
  });
}
