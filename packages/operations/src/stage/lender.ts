// Who has lent the pages on the stage: somebody with a TCP socket, and somebody else where an operation asks for one, who is told by
// himself. No page has two owners.
import {
  Context,
  PAGE_SIZE,
  declareState,
  tcpSendmsg,
  tcpSendpage,
  type CompletionSink,
  type Design,
  type Kernel,
  type Loan,
  type Page,
  type TcpSock,
} from '@lastref/kernel';
import { Producers, ownPages, writeBytes, writePage } from '@lastref/workloads';
import type { Lending, Situation } from '../operation.ts';
import { Once } from './hands.ts';

/** Two pages and a half: where the write queue's first skb ends, and the first loan. */
export const FIRST_BYTES = 2 * PAGE_SIZE + PAGE_SIZE / 2;

/**
 * Does the kernel itself mark pages as shared that come as those do which `design` was made for? TCP and tun do since 3.9; netback
 * and whoever receives do not.
 * @kernel net/ipv4/tcp.c do_tcp_sendpages, drivers/net/tun.c tun_get_user (3.10); no SKBTX_SHARED_FRAG in drivers/net/xen-netback (5.10)
 */
function marksPages({ domain }: Design): boolean {
  const by = domain?.by ?? [];
  return by.length === 0 || by.some((lender) => lender !== 'guest' && lender !== 'driver');
}

export class Lender implements CompletionSink {
  readonly loans: Loan[] = [];
  private readonly k: Kernel;
  /** Whose the socket is. */
  private readonly number: number;
  /** Somebody with another socket, a ring, a device. */
  private readonly another: number;
  private readonly pages: Page[];
  private readonly reuse: Once;
  private readonly dirty: Loan[] = [];
  private done = 0;

  constructor(k: Kernel) {
    this.k = k;
    this.number = Producers.of(k).add(this);
    this.another = Producers.of(k).add(this);
    this.pages = ownPages(k, 6);
    this.reuse = new Once(k, 'producer', 'writes its pages anew', () => this.rewrite());
  }

  progress(): { done: number; of: number } {
    return { done: this.done, of: this.loans.length };
  }

  /**
   * Loan 1: two pages and half of a third. Loan 2: half a page and a whole one. No page has two owners. In place of one of
   * them the socket may have bytes that were copied, in pages of its own.
   */
  lend(sk: TcpSock, situation: Situation): void {
    const { k } = this;
    k.context = Context.PROCESS;
    this.pages.forEach((page, i) => writePage(k, page, i + 1));
    const [a, b, c, d, e] = this.pages as [Page, Page, Page, Page, Page, Page];
    const half = PAGE_SIZE / 2;
    const ordinary = this.pages[5]!;
    if (situation === 'first is ordinary') tcpSendmsg(sk, ordinary.address, FIRST_BYTES);
    else {
      const one = this.newLoan(1);
      tcpSendpage(sk, a, 0, PAGE_SIZE, one);
      tcpSendpage(sk, b, 0, PAGE_SIZE, one);
      tcpSendpage(sk, c, 0, half, one);
    }
    const unsent = sk.sendHead;
    sk.sendHead = null; // for who asks when the second call begins: no record stands for both [sock_zerocopy_realloc]
    if (situation === 'second is ordinary') tcpSendmsg(sk, ordinary.address, PAGE_SIZE);
    else {
      const two = this.newLoan(2);
      tcpSendpage(sk, d, 0, half, two);
      tcpSendpage(sk, e, 0, PAGE_SIZE, two);
    }
    sk.sendHead = unsent ?? sk.sendHead;
    if (!marksPages(k.design))
      for (let skb = sk.writeQueue.first; skb !== null; skb = skb.next) skb.shinfo.lentMark = false;
    for (const loan of this.loans) this.handedOver(loan);
  }

  private newLoan(op: number, producer = this.number): Loan {
    const loan = this.k.newLoan(producer, op);
    loan.writeback = true; // of a file system, which waits for the answer of the protocol: who is made for that is asked, too
    this.loans.push(loan);
    return loan;
  }

  /** All of it is with the stack. */
  handedOver(loan: Loan): void {
    this.k.lifetime.returned(loan);
    this.k.release(loan);
  }

  /** A page of a third loan, by somebody else. */
  fresh(): Lending {
    return this.page(this.newLoan(3, this.another));
  }

  /** The same, by whose the socket is. */
  next(): Lending {
    return this.page(this.newLoan(3));
  }

  private page(loan: Loan): Lending {
    return { page: this.pages[5]!, pageOffset: 0, size: PAGE_SIZE, loan };
  }

  /** What stands behind `one` in its page, of a fourth. */
  otherHalf(one: Lending): Lending {
    return { ...one, pageOffset: one.size, loan: this.newLoan(4) };
  }

  loanCompleted(loan: Loan): void {
    this.done++;
    this.dirty.push(loan);
    this.reuse.arm();
  }

  /** Whoever was told writes at once: the least kind producer. */
  private rewrite(): void {
    const { k } = this;
    k.context = Context.PROCESS;
    for (const loan of this.dirty) {
      const version = 0x80 + 8 * loan.op;
      if (this.loans.some((l) => l.op === 4) && loan.op >= 3) this.rewriteHalf(loan.op, version);
      else this.pagesOf(loan).forEach((page, i) => writePage(k, page, version + i));
    }
    this.dirty.length = 0;
  }

  private rewriteHalf(op: number, version: number): void {
    const half = PAGE_SIZE / 2;
    writeBytes(this.k, this.pages[5]!, (op - 3) * half, half, version);
  }

  private pagesOf(loan: Loan): readonly Page[] {
    const [from, to] = [
      [0, 3],
      [3, 5],
      [5, 6],
    ][loan.op - 1]!;
    return this.pages.slice(from, to);
  }

  /** Place of the producer's rewriting, if it is due. */
  reusePlace(): number {
    return this.k.agenda.isArmed(this.reuse.place) ? this.reuse.place : -1;
  }
}

declareState(Lender, {
  state: 'loans dirty done',
  constant: 'k number another pages reuse',
});
