import {
  Context,
  Reader,
  declareState,
  expectNoMemory,
  fragAt,
  fragSeq,
  getPage,
  putPage,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type SkBuff,
  type Page,
} from '@lastref/kernel';
import type { Operation } from '@lastref/operations';
import { Act } from '../../act.ts';
import { recipe } from '../../recipe.ts';

export interface Dump {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
  readonly flow: number;
  readonly seq: number;
}

/** Fragments of a record that is sent again, for the device to see before the packet itself. */
export abstract class ResyncQueue implements Holder {
  protected readonly k: Kernel;
  /** Those that have a reference. */
  private readonly taken: Dump[] = [];
  /** Of them, those that the ring has. */
  private readonly posted: Dump[] = [];
  private readonly done: Act;

  constructor(k: Kernel) {
    this.k = k;
    k.holders.push(this);
    this.done = new Act(k, 'completion of a dump', 'comes', () => this.complete(), Context.SOFTIRQ);
  }

  get completion(): Act {
    return this.done;
  }

  /** A reference on every fragment first, then a work request for each. */
  resync(skb: SkBuff): void {
    let seq = fragSeq(skb);
    for (let i = 0; i < skb.shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = fragAt(skb.shinfo, i);
      getPage(this.k, page);
      this.taken.push({ page, pageOffset, size, flow: skb.flow, seq });
      seq = (seq + size) | 0;
    }
    try {
      while (this.taken.length > 0) {
        this.k.mayFail(); // no room, no mapping
        this.posted.push(this.taken.shift()!);
        this.done.arm();
      }
    } catch (error) {
      expectNoMemory(error);
      this.failed(this.taken);
    }
  }

  /** These were not posted, and no completion will come for them. */
  protected abstract failed(left: Dump[]): void;

  protected put({ page }: Dump): void {
    this.k.releases++;
    putPage(this.k, page);
  }

  private complete(): void {
    const { k } = this;
    const dump = this.posted.shift();
    if (dump === undefined) return;
    const { page, pageOffset, size, flow, seq } = dump;
    k.probe.read(Reader.NIC, flow, seq, size, page.address + pageOffset, page);
    this.put(dump);
    if (this.posted.length > 0) this.done.arm();
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, pageOffset, size } of this.posted)
      visitor.page(page, pageOffset, size, 'send queue');
  }
}

declareState(ResyncQueue, { state: 'taken posted', constant: 'k done' });

export function ktlsResync(version: string, make: (k: Kernel) => ResyncQueue): Operation {
  return recipe(`mlx5e_ktls_tx_handle_ooo ${version}`, 'mlx5 en_accel/ktls_tx.c', (b) => {
    const queue = make(b.k);
    b.watch(queue.completion, 'send queue');
    queue.resync(b.packet(b.first));
  });
}
