import {
  Context,
  HeapObject,
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
 * A record is encrypted by an engine, and its thread waits until that is done, closes the socket, and frees what the callback
 * of the engine works on: the context, with its count, its completion and its lock.
 * @kernel net/tls/tls_sw.c tls_decrypt_done, tls_decrypt_async_wait (6.8-rc4)
 */
export abstract class Socket extends PageOwner {
  /** struct tls_sw_context_rx, which has all that follows. */
  protected readonly ctx: HeapObject;
  /** ctx->decrypt_pending */
  protected readonly pending: SharedCount;
  private encrypting = false;
  /** ctx->async_wait.completion */
  private completed = false;
  private sleeps = false;
  private readonly engine: Act;
  private readonly wait: OtherAct;

  /** `first`: what the count begins with. */
  constructor(k: Kernel, first: number) {
    super(k, 'socket');
    this.ctx = new HeapObject(k, 'the TLS context');
    this.pending = new SharedCount(k, first);
    this.engine = new Act(
      k,
      'crypto engine',
      'is done with the record',
      () => this.decryptDone(),
      Context.SOFTIRQ,
    );
    this.wait = new OtherAct(k, 'process wait', 'waits for the engine, and closes the socket', () =>
      this.asyncWait(),
    );
    new Act(k, 'process', 'has a record encrypted', () => this.submit()).arm();
  }

  private submit(): void {
    const loan = this.lend();
    this.encrypting = true;
    this.pending.add(1);
    this.handedOver(loan);
    this.engine.arm();
    this.wait.arm();
  }

  private decryptDone(): void {
    const { k } = this;
    this.readBy(Reader.TAP);
    this.encrypting = false;
    k.releases++;
    k.complete(this.loan!);
    this.notify();
  }

  /** The end of the callback: one request less, and who waits is woken up if it was the last. */
  protected abstract notify(): void;

  /** complete(): whoever sleeps may go on before this has returned. */
  protected complete(): void {
    this.ctx.use();
    this.completed = true;
  }

  /** tls_decrypt_async_wait. Model: who sleeps looks now and then, so that it can be on its way at any point. */
  private asyncWait(): void {
    if (this.sleeps ? this.completed : this.isIdle()) {
      this.ctx.free(); // tls_sk_proto_close, tls_sw_free_ctx_rx
      return;
    }
    this.sleeps = true;
    this.wait.arm();
  }

  /** No request is under way, so nobody need be waited for. */
  protected abstract isIdle(): boolean;

  forEachReader(visitor: HolderVisitor): void {
    if (this.encrypting) visitor.page(this.page, 0, PAGE_SIZE, 'crypto engine');
  }
}

declareState(Socket, {
  state: 'ctx pending encrypting completed sleeps',
  constant: 'engine wait',
});

export function closes(version: string, make: (k: Kernel) => Socket): Workload {
  return workloadOf(
    `tls-async-notify-${version}`,
    'a socket is closed when its last record is through the engine',
    make,
    { by: 'process', over: 'device' },
  );
}
