import {
  Destructor,
  GetPutPage,
  PAGE_SIZE,
  PacketSock,
  PacketTxRing,
  Reader,
  Side,
  SkBuffHead,
  Veth,
  declareState,
  visitList,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type NetDevice,
  type Page,
  type Receiver,
  type SkBuff,
} from '@lastref/kernel';
import { ALL_FEATURES, ownPages, writePage } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { readAndFree } from '../../packets.ts';
import { card, workloadOf } from '../../wire.ts';

/**
 * A frame of the ring is its process's again when the destructor of its packet has run.
 * @kernel net/packet/af_packet.c tpacket_snd, tpacket_destruct_skb
 */
export class FrameInDestructor extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    skb.loan = loan;
    skb.destructor = Destructor.DESIGN; // a clone gets none
    this.k.hold(loan);
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.loan === null) return;
    this.k.drop(skb.loan); // TP_STATUS_AVAILABLE
    skb.loan = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}

/** A process that sends a frame of its ring. */
class Sender extends Owner {
  private readonly page: Page;
  private readonly ring: PacketTxRing;

  constructor(k: Kernel, device: NetDevice) {
    super(k, 'process', 1);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    this.ring = new PacketTxRing(k, k.newFlow(Side.LENT), device, [this.page]);
    new Act(k, 'process send', 'sends a frame of its ring', () => this.send()).arm();
  }

  private send(): void {
    const loan = this.newLoan(1);
    this.ring.send(0, PAGE_SIZE, loan);
    this.handedOver(loan);
  }

  protected override told(loan: Loan): void {
    this.ring.completed(loan);
  }
}

declareState(Sender, { state: 'page ring' });

/** What comes out of a device waits until somebody reads it. */
class Container implements Receiver, Holder {
  private readonly k: Kernel;
  private readonly queue = new SkBuffHead();
  private readonly read: Act;

  constructor(k: Kernel) {
    this.k = k;
    k.holders.push(this);
    this.read = new Act(k, 'container', 'reads a packet', () => this.consume());
  }

  receive(skb: SkBuff): void {
    this.queue.push(skb);
    this.read.arm();
  }

  private consume(): void {
    readAndFree(this.k, this.queue, Reader.APPLICATION);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'receive queue');
  }
}

declareState(Container, { state: 'queue', constant: 'k read' });

/** A pair of devices, one end of which stands in a container: it orphans what goes through. */
const pair = workloadOf(
  'packet-tx-ring-veth',
  'a frame of a ring goes to a container',
  (k) => {
    const [near, far] = Veth.pair(k, 'veth', ALL_FEATURES);
    far.receiver = new Container(k);
    return new Sender(k, near);
  },
  { by: 'process', over: 'device' },
);

/** A card, and another packet socket, which gets a clone of what is sent. */
const tapped = workloadOf(
  'packet-tx-ring-tap',
  'a frame of a ring goes to a card with a tap',
  (k) => {
    const device = card(k);
    device.taps.push(new PacketSock(k, 'tap', 20));
    return new Sender(k, device);
  },
  { by: 'process', over: 'device' },
);

export const on = [pair, tapped].map((program) => ({ program }));
