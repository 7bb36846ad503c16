// The network device of a guest of Xen, whose pages another domain maps to send them. Model: what it leaves behind alone; its ring is
// that of any device.
import { SingleStep } from '../../agenda.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { getPage, putPage, type Page } from '../../mm/page_alloc.ts';
import { kfreeSkb } from '../../net/core/skb_free.ts';
import { fragAt, fragSeq, type SkBuff } from '../../net/core/skbuff.ts';
import { Context, Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';

interface Grant {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
  readonly flow: number;
  readonly seq: number;
}

/**
 * Grants that the backend has mapped, of packets that are gone: it sends from them until it unmaps them, and then a timer puts the
 * pages.
 * @kernel drivers/xen/grant-table.c gnttab_add_deferred, gnttab_handle_deferred (3.14, 5.10, 7.2)
 */
export class DeferredGrants extends SingleStep implements Holder {
  private readonly k: Kernel;
  private readonly grants: Grant[] = [];

  constructor(k: Kernel) {
    super('the backend', 'sends what it has mapped, and unmaps it');
    this.k = k;
    k.agenda.add(this);
    k.holders.push(this);
  }

  add(grant: Grant): void {
    getPage(this.k, grant.page);
    this.grants.push(grant);
    this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  take(): boolean {
    const { k, grants } = this;
    k.agenda.disarm(this.place);
    k.context = Context.SOFTIRQ;
    const any = grants.length > 0;
    for (let grant = grants.shift(); grant !== undefined; grant = grants.shift()) {
      const { page, pageOffset, size, flow, seq } = grant;
      k.probe.read(Reader.NIC, flow, seq, size, page.address + pageOffset, page);
      k.releases++;
      putPage(k, page);
    }
    return any;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, pageOffset, size } of this.grants)
      visitor.page(page, pageOffset, size, 'backend');
  }
}

declareState(DeferredGrants, {
  state: 'grants',
  constant: 'k',
});

/**
 * The device is detached, or its backend begins anew, and a packet that is in its ring is given up: freed, while each page has a
 * bare reference for as long as the backend has it mapped.
 * @kernel drivers/net/xen-netfront.c xennet_release_tx_bufs (3.14.1, 3.16, 5.10, 7.2; up to 3.13 no page is kept)
 */
export function xennetReleaseTxBufs(k: Kernel, skb: SkBuff, backend: DeferredGrants): void {
  if (k.onOperation !== null) k.onOperation('xennet_release_tx_bufs', skb);
  let seq = fragSeq(skb);
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    const { page, pageOffset, size } = fragAt(skb.shinfo, i);
    backend.add({ page, pageOffset, size, flow: skb.flow, seq });
    seq = (seq + size) | 0;
  }
  kfreeSkb(k, skb);
}
