import {
  PAGE_SIZE,
  declareState,
  tcpSendpage,
  type Kernel,
  type Page,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { StreamOwner } from '../../stream-owner.ts';
import { streamOf } from '../../wire.ts';

/** How often the caller asks for the state of a transfer before he gives it up. */
const PATIENCE = 3;

/** One transfer, and a caller who polls it for a while. */
export abstract class Transfer extends StreamOwner {
  private readonly page: Page;
  private readonly poll: Act;
  /** It was posted, and its completion has not come. */
  protected inFlight = false;
  private patience = PATIENCE;

  constructor(k: Kernel) {
    super(k, 'transfer', 1);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    this.poll = new Act(k, 'caller', 'polls the transfer, and at last gives it up', () => {
      if (this.inFlight && this.patience-- > 0) this.poll.arm();
      else this.release();
    });
  }

  protected override send(sk: TcpSock, op: number): void {
    const loan = this.newLoan(op);
    this.inFlight = true;
    tcpSendpage(sk, this.page, 0, PAGE_SIZE, loan);
    this.handedOver(loan);
    this.poll.arm();
  }

  protected override told(): void {
    this.inFlight = false;
    this.drained();
  }

  /** releaseXferReq. A transfer without copies cannot be canceled: that request changes nothing. */
  protected abstract release(): void;

  /** The completion has come. */
  protected abstract drained(): void;

  /** The caller goes on: he takes the registration of the memory away, which the completion looks at. */
  protected deregister(): void {
    this.leave(); // ucp_mem_unmap
  }
}

declareState(Transfer, { state: 'page inFlight patience', constant: 'poll' });

export function transfer(version: string, make: (k: Kernel) => Transfer): Workload {
  return streamOf(
    `nixl-release-${version}`,
    'a transfer whose handle is released before it is over',
    make,
  );
}
