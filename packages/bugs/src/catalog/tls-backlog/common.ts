import {
  Context,
  PAGE_SIZE,
  Reader,
  declareState,
  getPage,
  putPage,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A record is decrypted into a pinned page of whoever reads, by an engine whose queue may be full; the record may be
 * forged. Model: what comes out is nobody's question. @kernel net/tls/tls_sw.c tls_decrypt_sg, tls_do_decryption,
 * tls_decrypt_done (6.8-rc6)
 */
export abstract class Reading extends PageOwner {
  /** The queue of the engine has no room: a request goes to its backlog. */
  private full = true;
  private forged = false;
  /** The thread waits until its request is through. */
  private waits = false;
  private readonly engine: Act;

  constructor(k: Kernel) {
    super(k, 'process');
    this.engine = new Act(
      k,
      'crypto engine',
      'is done with the record',
      () => this.decryptDone(),
      Context.SOFTIRQ,
    );
    new Act(k, 'process read', 'has a record decrypted', () => this.decryptSg()).arm();
    new Act(k, 'crypto engine, before', 'has room in its queue', () => (this.full = false)).arm();
    new Act(k, 'peer', 'sends a record that is forged', () => (this.forged = true)).arm();
  }

  private decryptSg(): void {
    const { k, page } = this;
    getPage(k, page); // tls_setup_from_iter
    this.handedOver(this.lend());
    this.waits = this.full; // -EBUSY: tls_decrypt_async_wait; else -EINPROGRESS, and the call goes on
    this.engine.arm();
  }

  private decryptDone(): void {
    const { k, page } = this;
    this.readBy(Reader.TAP);
    const loan = this.loan!;
    this.loan = null;
    k.releases++;
    putPage(k, page); // free_sgout
    if (this.waits && this.forged) this.failed(); // -EBADMSG
    k.complete(loan);
  }

  /** tls_decrypt_sg goes on, with the error of the request. */
  protected abstract failed(): void;

  /** exit_free_pages */
  protected freePages(): void {
    putPage(this.k, this.page);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.loan !== null) visitor.page(this.page, 0, PAGE_SIZE, 'crypto engine');
  }
}

declareState(Reading, {
  state: 'full forged waits',
  constant: 'engine',
});

export function reads(version: string, make: (k: Kernel) => Reading): Workload {
  return workloadOf(
    `tls-backlog-${version}`,
    'a record is decrypted into a page of its reader',
    make,
    {
      by: 'process',
      over: 'device',
    },
  );
}
