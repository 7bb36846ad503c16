import {
  Context,
  PAGE_SIZE,
  Reader,
  Side,
  Site,
  SkBuffHead,
  allocSkb,
  declareState,
  expectNoMemory,
  kfreeSkb,
  probeReads,
  skbClone,
  visitList,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

const PACKETS = 2;

/**
 * A record in two packets, whose pages its sender has lent, comes to a process on the same host. An engine decrypts it, and
 * clones of the packets are held meanwhile. Model: what comes out is nobody's question.
 * @kernel net/tls/tls_sw.c tls_sw_recvmsg, tls_decrypt_sg, tls_sw_release_resources_rx; net/tls/tls_strp.c tls_strp_msg_hold (7.0-rc5)
 */
export abstract class Socket extends Owner implements Holder {
  private readonly pages: readonly Page[];
  private readonly flow: number;
  private readonly queue = new SkBuffHead();
  /** ctx->async_hold */
  private hold = new SkBuffHead();
  private readonly recv: Act;
  private readonly engine: Act;
  private readonly close: Act;

  constructor(k: Kernel) {
    super(k, 'sender', 1);
    this.flow = k.newFlow(Side.LENT);
    this.pages = ownPages(k, PACKETS);
    for (const page of this.pages) writePage(k, page, 1);
    k.holders.push(this);
    this.recv = new Act(k, 'process read', 'has the record decrypted', () => this.recvmsg());
    this.engine = new Act(
      k,
      'crypto engine',
      'is done with the record',
      () => {
        this.waited();
        this.purge(); // recv_end, where a record was decrypted by an engine
        this.consume();
      },
      Context.SOFTIRQ,
    );
    this.close = new Act(k, 'process close', 'closes the socket', () => this.release());
    new Act(k, 'sender send', 'sends a record to its own host', () => this.send()).arm();
  }

  private send(): void {
    const { k, flow, pages } = this;
    const skbs: SkBuff[] = [];
    try {
      while (skbs.length < PACKETS) skbs.push(allocSkb(k, 256, false));
    } catch (error) {
      expectNoMemory(error);
      for (const skb of skbs) kfreeSkb(k, skb);
      return; // nothing was lent
    }
    const loan = this.newLoan(1);
    for (const [n, skb] of skbs.entries()) {
      skb.flow = flow;
      skb.seq = n * PAGE_SIZE;
      k.probe.lent(loan, pages[n]!, 0, PAGE_SIZE, flow, skb.seq);
      k.lifetime.lend(skb, pages[n]!, 0, PAGE_SIZE, loan);
      skb.len = skb.dataLen = PAGE_SIZE;
      skb.endSeq = skb.seq + PAGE_SIZE;
      skb.truesize += PAGE_SIZE;
      this.queue.push(skb);
    }
    this.handedOver(loan);
    this.recv.arm();
  }

  private recvmsg(): void {
    try {
      this.msgHold();
    } catch (error) {
      expectNoMemory(error);
      this.waited(); // all that was given to the engine before is through
      this.consume(); // this record is decrypted here and now
      return;
    }
    this.engine.arm();
  }

  /** tls_strp_msg_hold */
  private msgHold(): void {
    for (let skb = this.queue.first; skb !== null; skb = skb.next)
      this.hold.push(skbClone(this.k, skb, Site.TAP));
  }

  /** tls_decrypt_async_wait has waited: no engine needs what is held. */
  protected abstract waited(): void;

  /** __skb_queue_purge(&ctx->async_hold) */
  protected purge(): void {
    for (let skb = this.hold.shift(); skb !== null; skb = this.hold.shift()) kfreeSkb(this.k, skb);
  }

  private consume(): void {
    for (let skb = this.queue.shift(); skb !== null; skb = this.queue.shift()) {
      probeReads(this.k, skb, Reader.APPLICATION);
      kfreeSkb(this.k, skb);
    }
    this.close.arm();
  }

  /** tls_sw_release_resources_rx, and the context is freed. */
  private release(): void {
    this.hold = new SkBuffHead();
    this.k.releases++;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'receive queue');
    visitList(this.hold.first, visitor, 'async_hold');
  }
}

declareState(Socket, { state: 'pages queue hold', constant: 'flow recv engine close' });

export function reads(version: string, make: (k: Kernel) => Socket): Workload {
  return workloadOf(
    `tls-async-hold-${version}`,
    'a record of a sender on the same host is decrypted by an engine',
    make,
    { by: 'process', over: 'device' },
  );
}
