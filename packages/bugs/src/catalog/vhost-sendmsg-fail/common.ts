import {
  PAGE_SIZE,
  Side,
  declareState,
  expectNoMemory,
  kfreeSkb,
  linearPacket,
  zerocopySgFromIovec,
  type Kernel,
  type Loan,
  type NetDevice,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { program } from '../../lib.ts';
import { Owner } from '../../owner.ts';
import { ShinfoRecord } from '../../shinfo-record.ts';
import { card, workloadOf } from '../../wire.ts';

/**
 * One record for each descriptor, with one count: that is dropped by the callback, or by vhost where there will be none.
 * Nobody counts for packets.
 */
class Ubufs extends ShinfoRecord {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.getPage(page);
    this.k.fillPageDesc(skb, page, pageOffset, size);
    skb.shinfo.loan = loan; // destructor_arg, SKBTX_DEV_ZEROCOPY
  }

  override released(): void {}
}

export const design = program(
  'vhost-sendmsg-fail',
  'a record for each descriptor, put by the callback',
  2020,
  (k) => new Ubufs(k),
);

/** heads[].len of a descriptor. @kernel drivers/vhost/net.c VHOST_DMA_IN_PROGRESS, VHOST_DMA_DONE_LEN */
export const Dma = { IDLE: 0, IN_PROGRESS: 1, DONE: 2 } as const;

const HEADERS = 28;

/** The transmit half of vhost-net, which hands packets of a guest to a tun device. */
export abstract class VhostTx extends Owner {
  protected dma: number = Dma.IDLE;
  private readonly page: Page;
  private readonly device: NetDevice;
  private readonly flow: number;

  constructor(k: Kernel, device: NetDevice) {
    super(k, 'vhost', 1);
    this.device = device;
    this.flow = k.newFlow(Side.LENT);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    new Act(k, 'vhost worker', 'sends a packet of the guest', () => this.handleTx()).arm();
  }

  private handleTx(): void {
    const { k } = this;
    const loan = this.newLoan(1); // vhost_net_ubuf_get
    this.dma = Dma.IN_PROGRESS;
    k.lifetime.returned(loan);
    k.release(loan);
    if (!this.sendmsg(loan)) this.failed(loan);
  }

  /** sendmsg has returned an error: the descriptor will be sent again, and vhost gives its count back. */
  protected abstract failed(loan: Loan): void;

  /** False: an error. What tun had made by then it has freed. @kernel drivers/net/tun.c tun_get_user */
  private sendmsg(loan: Loan): boolean {
    const { k, flow } = this;
    let skb: SkBuff | null = null;
    try {
      const bytes = { pages: [this.page], size: PAGE_SIZE, flow, seq: 0, saddr: 1, daddr: 2 };
      skb = linearPacket(k, bytes, HEADERS);
      zerocopySgFromIovec(k, skb, bytes, loan, 'marked');
      k.mayFail(); // behind the record: a header that is not valid, a device that is down
    } catch (error) {
      expectNoMemory(error);
      if (skb !== null) kfreeSkb(k, skb);
      return false;
    }
    this.device.queueXmit(skb);
    return true;
  }

  /** vhost_zerocopy_callback */
  protected override told(): void {
    this.dma = Dma.DONE;
  }
}

declareState(VhostTx, { state: 'dma page', constant: 'device flow' });

export function guestSends(
  version: string,
  make: (k: Kernel, device: NetDevice) => VhostTx,
): Workload {
  return workloadOf(
    `vhost-sendmsg-fail-${version}`,
    'a guest sends by zero copy, and tun may fail',
    (k) => make(k, card(k)),
    { by: 'guest', over: 'device' },
  );
}
