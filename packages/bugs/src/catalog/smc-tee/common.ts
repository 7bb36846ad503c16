import {
  HeapObject,
  PAGE_SIZE,
  PageHome,
  Reader,
  allocHomePage,
  declareState,
  getPage,
  putPage,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/** Pages of a receive buffer, spliced into a pipe, which somebody may tee. @kernel net/smc/smc_rx.c (6.12) */
export abstract class SmcSplice extends PageOwner {
  /** struct smc_spd_priv, which says how much the reader has taken. */
  private readonly priv: HeapObject;
  /** Which pipes have a buffer with it. */
  private first = false;
  private second = false;
  private readonly tee: Act;
  private readonly reads: readonly Act[];

  constructor(k: Kernel) {
    super(k, 'smc', allocHomePage(k, PageHome.GENERAL));
    this.priv = new HeapObject(k, 'smc_spd_priv');
    this.tee = new Act(k, 'tee', 'duplicates the buffer', () => this.duplicate());
    this.reads = [1, 2].map((n) => new Act(k, `pipe ${n}`, 'is read', () => this.release(n)));
    new Act(k, 'splice', 'takes a page of the receive buffer', () => this.splice()).arm();
  }

  private splice(): void {
    const { k, page } = this;
    writePage(k, page, 1);
    const loan = this.lend();
    getPage(k, page);
    this.first = true;
    this.handedOver(loan);
    this.tee.arm();
    this.reads[0]!.arm();
  }

  private duplicate(): void {
    if (!this.first || !this.get()) return;
    this.second = true;
    this.reads[1]!.arm();
  }

  /** pipe_buf_operations.get: may another pipe have this buffer too? */
  protected abstract get(): boolean;

  protected genericGet(): boolean {
    getPage(this.k, this.page); // generic_pipe_buf_get
    return true;
  }

  /** smc_rx_pipe_buf_release */
  private release(n: number): void {
    const { k, page, priv } = this;
    this.readBy(Reader.PIPE);
    if (n === 1) this.first = false;
    else this.second = false;
    k.releases++;
    priv.use(); // smc_rx_update_cons(priv->smc, priv->len)
    priv.free();
    putPage(k, page);
    if (!this.first && !this.second) k.complete(this.loan!);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.first || this.second) visitor.page(this.page, 0, PAGE_SIZE, 'pipe');
  }
}

declareState(SmcSplice, {
  state: 'priv first second',
  constant: 'tee reads',
});

export function teed(version: string, make: (k: Kernel) => SmcSplice): Workload {
  return workloadOf(`smc-tee-${version}`, 'a page of a receive buffer is spliced, and teed', make, {
    by: 'driver',
    over: 'device',
  });
}
