// Whoever works on a request for a cipher when it likes: a thread of cryptd, an engine on a card. Whoever has asked goes on.
import { SingleStep } from '../agenda.ts';
import type { Holder, HolderVisitor } from '../holders.ts';
import type { Kernel } from '../kernel.ts';
import { Context } from '../probe.ts';
import { declareState } from '../state.ts';

/** What is asked for: the bytes stay where they are until it is done. @kernel include/crypto/aead.h aead_request */
export interface CryptoRequest extends Holder {
  /** The cipher runs, and the callback of whoever asked. */
  done(): void;
}

/** @kernel crypto/cryptd.c cryptd_enqueue_request, cryptd_queue_worker (5.10) */
export class Cryptd extends SingleStep implements Holder {
  private readonly k: Kernel;
  private readonly queue: CryptoRequest[] = [];

  constructor(k: Kernel) {
    super('crypto engine', 'is done with a request');
    this.k = k;
    k.agenda.add(this);
    k.holders.push(this);
  }

  /** -EINPROGRESS */
  enqueue(request: CryptoRequest): void {
    this.queue.push(request);
    this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  take(): boolean {
    const { k, queue } = this;
    const request = queue.shift();
    if (request === undefined) return false;
    if (queue.length === 0) k.agenda.disarm(this.place);
    k.context = Context.SOFTIRQ;
    request.done();
    k.releases++;
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const request of this.queue) request.forEachReader(visitor);
  }
}

declareState(Cryptd, {
  state: 'queue',
  constant: 'k',
});
