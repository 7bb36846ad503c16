import { PAGE_SIZE, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { LocalSender, SMALL } from '../../local-sender.ts';
import { ShinfoRecord } from '../../shinfo-record.ts';
import { workloadOf } from '../../wire.ts';

/** The ubuf_info of vhost. Whoever may keep a packet for ever has copies of its frags first, and the callback runs. */
export class VhostUbuf extends ShinfoRecord {
  override orphanFrags(skb: SkBuff): void {
    if (skb.shinfo.loan !== null) this.k.copyUbufs(skb);
  }

  override ubufsCopied({ shinfo }: SkBuff): void {
    this.zcopyClear(shinfo); // uarg->callback
    shinfo.loan = null;
  }
}

/** tun puts into the head what finds room there. @kernel net/core/datagram.c zerocopy_sg_from_iter */
class Guest extends LocalSender {
  protected override place(skb: SkBuff, page: Page, size: number, loan: Loan): void {
    if (size <= SMALL) this.inHead(skb, page, size, loan);
    else this.inFrag(skb, page, size, loan);
  }
}

/** A small packet of a guest, and one of a page, to a program on the host. */
export const packets: readonly Workload[] = [SMALL, PAGE_SIZE].map((size) =>
  workloadOf(
    `ubufs-no-frags-${size}`,
    `a guest sends ${size} bytes to a program on its host`,
    (k) => new Guest(k, size),
    { by: 'guest', over: 'device' },
  ),
);
