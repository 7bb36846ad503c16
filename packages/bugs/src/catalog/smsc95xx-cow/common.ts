import {
  Context,
  PAGE_SIZE,
  Reader,
  declareState,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import { writeBytes, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/** Where the checksum of a small packet stands, which the card cannot work out. */
const CSUM_AT = 36;
const CSUM = 2;

/** A packet and a clone of it: a card on USB sends the one, a tap reads the other. @kernel drivers/net/usb/smsc95xx.c (4.10) */
export abstract class UsbCard extends PageOwner {
  private inCard = false;
  private inTap = false;
  private readonly card: Act;
  private readonly tap: Act;

  constructor(k: Kernel) {
    super(k, 'sender');
    this.card = new Act(k, 'card', 'sends the packet', () => this.txFixup(), Context.SOFTIRQ);
    this.tap = new Act(k, 'tap', 'reads its clone', () => this.tapReads());
    new Act(k, 'sender', 'sends a packet', () => this.send()).arm();
  }

  private send(): void {
    const loan = this.lend();
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
    this.readBy(Reader.TAP);
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
  state: 'inCard inTap',
  constant: 'card tap',
});

export function sent(version: string, make: (k: Kernel) => UsbCard): Workload {
  return workloadOf(`smsc95xx-cow-${version}`, 'a small packet goes to a card and to a tap', make, {
    by: 'driver',
    over: 'device',
  });
}
