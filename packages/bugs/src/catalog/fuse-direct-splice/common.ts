import {
  PAGE_SIZE,
  Reader,
  allocPage,
  declareState,
  getPage,
  putPage,
  type HolderVisitor,
  type Kernel,
  type Page,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A process writes with FOPEN_DIRECT_IO: its pages stand in a request, which the file system's server splices into a pipe.
 * @kernel fs/fuse/dev.c fuse_copy_page, fs/fuse/file.c fuse_get_user_pages (5.16)
 */
export abstract class FuseDevice extends PageOwner {
  /** fuse_iqueue has the request. */
  private queued = false;
  /** What the slot of the pipe has. */
  private inPipe: Page | null = null;
  private readonly splice: Act;
  private readonly answer: Act;
  private readonly drain: Act;

  constructor(k: Kernel) {
    super(k, 'fuse');
    this.splice = new Act(k, 'server splice', 'takes the request into a pipe', () =>
      this.copyPage(),
    );
    this.answer = new Act(k, 'server answer', 'says that the write is done', () => this.end());
    this.drain = new Act(k, 'server pipe', 'reads the pipe', () => this.readPipe());
    new Act(k, 'process', 'writes', () => this.write()).arm();
  }

  private write(): void {
    const { k, page } = this;
    const loan = this.lend();
    getPage(k, page); // iov_iter_get_pages
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
    const { k } = this;
    const page = this.inPipe!;
    this.readBy(Reader.PIPE, page);
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
  state: 'queued inPipe',
  constant: 'splice answer drain',
});

export function direct(version: string, make: (k: Kernel) => FuseDevice): Workload {
  return workloadOf(
    `fuse-direct-splice-${version}`,
    'a process writes to a file system in user space',
    make,
    { by: 'driver', over: 'device' },
  );
}
