import {
  Context,
  PAGE_SIZE,
  Reader,
  Side,
  declareState,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { ownPages, writeBytes, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** Where the checksum of a small packet stands, which the card cannot work out. */
const CSUM_AT = 36;
const CSUM = 2;

/** A packet and a clone of it: a card on USB sends the one, a tap reads the other. @kernel drivers/net/usb/smsc95xx.c (4.10) */
export abstract class UsbCard extends Owner implements Holder {
  private readonly page: Page;
  private readonly flow: number;
  private loan: Loan | null = null;
  private inCard = false;
  private inTap = false;
  private readonly card: Act;
  private readonly tap: Act;

  constructor(k: Kernel) {
    super(k, 'sender', 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    k.holders.push(this);
    this.card = new Act(k, 'card', 'sends the packet', () => this.txFixup(), Context.SOFTIRQ);
    this.tap = new Act(k, 'tap', 'reads its clone', () => this.tapReads());
    new Act(k, 'sender', 'sends a packet', () => this.send()).arm();
  }

  private send(): void {
    const { k, page, flow } = this;
    const loan = this.newLoan(1);
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    this.loan = loan;
    this.inCard = true;
    this.inTap = true;
    this.handedOver(loan);
    this.card.arm();
    this.tap.arm();
  }

  /** smsc95xx_tx_fixup: the sum is the driver's to write. */
  private txFixup(): void {
    const { k, page } = this;
    if (!this.copies(this.inTap)) writeBytes(k, page, CSUM_AT, CSUM, 0x5a);
    this.inCard = false;
    this.over();
  }

  /** Does the driver write to a copy, if the packet is `cloned`? */
  protected abstract copies(cloned: boolean): boolean;

  private tapReads(): void {
    const { k, page, flow } = this;
    k.probe.read(Reader.TAP, flow, 0, PAGE_SIZE, page.address, page);
    this.inTap = false;
    this.over();
  }

  private over(): void {
    const { k } = this;
    k.releases++;
    if (!this.inCard && !this.inTap) k.complete(this.loan!);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.inCard) visitor.page(this.page, 0, PAGE_SIZE, 'queue of the card');
    if (this.inTap) visitor.page(this.page, 0, PAGE_SIZE, 'tap');
  }
}

declareState(UsbCard, {
  state: 'page loan inCard inTap',
  constant: 'flow card tap',
});

export function sent(version: string, make: (k: Kernel) => UsbCard): Workload {
  return workloadOf(`smsc95xx-cow-${version}`, 'a small packet goes to a card and to a tap', make, {
    by: 'driver',
    over: 'device',
  });
}
