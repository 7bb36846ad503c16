import {
  PageHome,
  declareState,
  type Kernel,
  type Loan,
  type Page,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { StreamOwner } from '../../stream-owner.ts';
import { streamOf } from '../../wire.ts';

/** A queue of the host side of NVMe over TCP, which is given a page to write, and does not ask where it is from. */
export abstract class WriteQueue extends StreamOwner {
  private readonly page: Page;

  constructor(k: Kernel, home: PageHome) {
    super(k, 'nvme queue', 1);
    this.page = ownPages(k, 1, home)[0]!;
    writePage(k, this.page, 1);
  }

  protected override send(sk: TcpSock, op: number): void {
    const loan = this.newLoan(op);
    this.sendData(sk, this.page, loan); // nvme_tcp_try_send_data
    this.handedOver(loan);
  }

  protected abstract sendData(sk: TcpSock, page: Page, loan: Loan): void;
}

declareState(WriteQueue, { state: 'page' });

/** A page of a file, and a buffer that a file system has from a slab. */
export function writes(
  version: string,
  queue: (k: Kernel, home: PageHome) => WriteQueue,
): readonly Workload[] {
  const one = (what: string, title: string, home: PageHome): Workload =>
    streamOf(`sendpage-ok-${what}-${version}`, title, (k) => queue(k, home));
  return [
    one('file', 'a write of a page of a file', PageHome.GENERAL),
    one('slab', 'a write of a block that a file system has allocated with kmalloc', PageHome.SLAB),
  ];
}
