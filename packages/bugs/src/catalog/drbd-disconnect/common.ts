import {
  Context,
  GetPutPage,
  PAGE_SIZE,
  PageHome,
  Spend,
  declareState,
  takeHome,
  tcpSendpage,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
  type Sock,
  type TcpSock,
} from '@lastref/kernel';
import { StreamRanges } from '@lastref/strategies/lib/stream-ranges';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { program } from '../../lib.ts';
import { StreamOwner } from '../../stream-owner.ts';
import { streamOf } from '../../wire.ts';

/** Page references, and a write that is over when the peer has it. Model: its TCP says so, in place of a P_WRITE_ACK. */
class OverWhenAcked extends GetPutPage {
  private readonly writes = new StreamRanges(this.k, false);

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.writes.add(skb.flow, loan, (skb.endSeq + size) | 0);
  }

  override acked(sk: Sock, seq: number): void {
    this.writes.passed(sk.slot, seq, (loan) => {
      if (!loan.completed) this.k.complete(loan);
    });
  }
}

export const design = program(
  'drbd-disconnect',
  'a write of a guest, which its connection ends',
  2009,
  (k) => new OverWhenAcked(k),
);

/** A resource that mirrors writes of a guest, and is disconnected by its administrator. */
export abstract class Resource extends StreamOwner {
  private readonly page: Page;
  protected readonly open: Loan[] = [];

  constructor(k: Kernel) {
    super(k, 'drbd', 1);
    this.page = ownPages(k, 1, PageHome.FOREIGN)[0]!;
    writePage(k, this.page, 1);
    new Act(
      k,
      'disconnect',
      'ends the connection',
      () => this.disconnect(),
      Context.PROCESS,
      Spend.TEARDOWN,
    ).arm(3_000);
  }

  protected override send(sk: TcpSock, op: number): void {
    const loan = this.newLoan(op);
    this.open.push(loan);
    tcpSendpage(sk, this.page, 0, PAGE_SIZE, loan);
    this.handedOver(loan);
  }

  private disconnect(): void {
    if (this.sk !== null) this.freeSock(this.sk);
    for (const loan of this.open.splice(0)) if (!loan.completed) this.k.complete(loan); // tl_clear
  }

  /** Lets go of the socket. */
  protected abstract freeSock(sk: TcpSock): void;

  /** The backend unmaps the page of the guest. */
  protected override told(): void {
    takeHome(this.k, this.page);
  }
}

declareState(Resource, { state: 'page open' });

/** The card has no scatter/gather: what it sends are copies, and the write queue alone has the pages. */
export function mirror(version: string, resource: (k: Kernel) => Resource): Workload {
  return streamOf(
    `drbd-disconnect-${version}`,
    'a mirrored write of a guest, and a connection that is ended',
    resource,
    { linear: true },
  );
}
