import {
  Context,
  PAGE_SIZE,
  Reader,
  declareState,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { SharedCount } from '../../shared.ts';
import { workloadOf } from '../../wire.ts';

/**
 * One packet of a guest is sent without a copy, and its backend is changed meanwhile. What counts the packets under way is
 * an object of its own (struct vhost_net_ubuf_ref), which goes with the old backend.
 * @kernel drivers/vhost/net.c (6.16)
 */
export abstract class Vhost extends PageOwner {
  /** 1 is the backend's own. */
  private readonly refcount: SharedCount;
  private inFlight = false;
  private asleep = false;
  private readonly device: Act;
  private readonly setBackend: OtherAct;
  private readonly wait: OtherAct;

  constructor(k: Kernel) {
    super(k, 'vhost');
    this.refcount = new SharedCount(k, 1);
    this.device = new Act(
      k,
      'device',
      'reads the packet, and is done with it',
      () => this.sent(),
      Context.SOFTIRQ,
    );
    // an ioctl under the lock of the queue, which no callback takes
    this.setBackend = new OtherAct(k, 'set backend', 'gives the old one up', () => {
      this.refcount.add(-1); // vhost_net_ubuf_put
      this.wait.arm();
    });
    this.wait = new OtherAct(k, 'set backend wait', 'looks whether all are back', () =>
      this.looks(),
    );
    new Act(k, 'vhost transmit', 'sends a packet of the guest', () => this.transmit()).arm();
  }

  private transmit(): void {
    const loan = this.lend();
    this.refcount.add(1);
    this.inFlight = true;
    this.handedOver(loan);
    this.device.arm();
    this.setBackend.arm();
  }

  private sent(): void {
    const { k } = this;
    this.readBy(Reader.NIC);
    this.inFlight = false;
    k.releases++;
    if (this.refcount.add(-1) === 0) this.wakeUp();
    k.complete(this.loan!); // Model: told when the callback has touched the object for the last time
  }

  /** The lock of the wait queue stands in the object. */
  private wakeUp(): void {
    this.k.point();
    if (!this.asleep) return;
    this.asleep = false;
    this.wait.arm();
  }

  /** wait_event(ubufs->wait, !atomic_read(&ubufs->refcount)) */
  private looks(): void {
    if (this.refcount.read() === 0) this.free();
    else this.asleep = true;
  }

  /** vhost_net_ubuf_put_wait_and_free has waited. */
  protected abstract free(): void;

  forEachReader(visitor: HolderVisitor): void {
    if (this.inFlight) visitor.page(this.page, 0, PAGE_SIZE, 'tx ring');
  }
}

declareState(Vhost, {
  state: 'refcount inFlight asleep',
  constant: 'device setBackend wait',
});

export function packet(version: string, make: (k: Kernel) => Vhost): Workload {
  return workloadOf(
    `vhost-ubuf-put-${version}`,
    'a packet of a guest is sent while its backend is changed',
    make,
    { by: 'driver', over: 'device' },
  );
}
