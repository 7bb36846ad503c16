import {
  PAGE_SIZE,
  Reader,
  Side,
  allocPage,
  declareState,
  getPage,
  putPage,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A process writes with FOPEN_DIRECT_IO: its pages stand in a request, which the file system's server splices into a pipe.
 * @kernel fs/fuse/dev.c fuse_copy_page, fs/fuse/file.c fuse_get_user_pages (5.16)
 */
export abstract class FuseDevice extends Owner implements Holder {
  private readonly page: Page;
  private readonly flow: number;
  private loan: Loan | null = null;
  /** fuse_iqueue has the request. */
  private queued = false;
  /** What the slot of the pipe has. */
  private inPipe: Page | null = null;
  private readonly splice: Act;
  private readonly answer: Act;
  private readonly drain: Act;

  constructor(k: Kernel) {
    super(k, 'fuse', 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    k.holders.push(this);
    this.splice = new Act(k, 'server splice', 'takes the request into a pipe', () =>
      this.copyPage(),
    );
    this.answer = new Act(k, 'server answer', 'says that the write is done', () => this.end());
    this.drain = new Act(k, 'server pipe', 'reads the pipe', () => this.readPipe());
    new Act(k, 'process', 'writes', () => this.write()).arm();
  }

  private write(): void {
    const { k, page, flow } = this;
    const loan = this.newLoan(1);
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    getPage(k, page); // iov_iter_get_pages
    this.loan = loan;
    this.queued = true;
    this.handedOver(loan);
    this.splice.arm();
  }

  /** fuse_copy_page, for a pipe */
  private copyPage(): void {
    const { k, page } = this;
    if (this.copiesUserPages()) {
      const copy = allocPage(k); // fuse_copy_fill
      k.copyBytes(copy.address, page.address, PAGE_SIZE);
      this.inPipe = copy;
    } else {
      getPage(k, page); // fuse_ref_page
      this.inPipe = page;
    }
    this.queued = false;
    k.releases++;
    this.answer.arm();
    this.drain.arm();
  }

  protected abstract copiesUserPages(): boolean;

  private end(): void {
    const { k } = this;
    putPage(k, this.page); // fuse_release_user_pages
    k.complete(this.loan!); // write() returns
  }

  protected override told(): void {
    writePage(this.k, this.page, 2);
  }

  private readPipe(): void {
    const { k, flow } = this;
    const page = this.inPipe!;
    k.probe.read(Reader.PIPE, flow, 0, PAGE_SIZE, page.address, page);
    this.inPipe = null;
    putPage(k, page);
    k.releases++;
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.queued) visitor.page(this.page, 0, PAGE_SIZE, 'request');
    if (this.inPipe !== null) visitor.page(this.inPipe, 0, PAGE_SIZE, 'pipe of the server');
  }
}

declareState(FuseDevice, {
  state: 'page loan queued inPipe',
  constant: 'flow splice answer drain',
});

export function direct(version: string, make: (k: Kernel) => FuseDevice): Workload {
  return workloadOf(
    `fuse-direct-splice-${version}`,
    'a process writes to a file system in user space',
    make,
    { by: 'driver', over: 'device' },
  );
}
