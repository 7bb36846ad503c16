import {
  Destructor,
  GetPutPage,
  Life,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const design = {
  id: 'sock-wfree',
  title: 'a callback in sock_wfree',
  year: 2007,
  source: 'Evgeniy Polyakov, last comment of 19 Dec 2007 on his blog entry',
  status: 'proposed',
  summary:
    "sock_wfree() calls back into the socket's owner, which looks for requests whose data is gone, clones included.",
  reading:
    "A request remembers the shared infos that its pages were put in. It is done when sock_wfree runs and none of them is in use any more; the write queue's own share counts as a clone. The callback has a data pointer of its own: the protocol above TCP already uses sk_user_data.",
  adds: [
    { struct: 'sock', name: 'sk_wfree', type: 'callback' },
    { struct: 'sock', name: 'sk_wfree_data', type: 'pointer' },
  ],
  rank: 5,
  hooks: 0,
  claims: ['Z13', 'Z14'],
  create: (k) => new SockWfree(k),
} satisfies Design;

/** One skb's data that carries a part of a request. */
interface Carrier {
  loan: Loan;
  data: Life<SkbSharedInfo>;
}

class SockWfree extends GetPutPage {
  /** The socket's queue of requests, by socket slot. */
  private readonly requests: Carrier[][] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    const requests = (this.requests[skb.flow] ??= []);
    const last = requests.at(-1);
    if (last !== undefined && last.loan === loan && last.data.is(skb.shinfo)) return;
    requests.push({ loan, data: new Life(skb.shinfo) });
    this.k.hold(loan);
  }

  override mayMerge(): boolean {
    return false; // every request knows its own data
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.destructor !== Destructor.SOCK_WFREE) return; // the callback sits in sock_wfree() [comment of 22:00]
    const requests = this.requests[skb.flow];
    if (requests === undefined) return;
    let kept = 0;
    for (const carrier of requests) {
      if (carrier.data.over) this.k.drop(carrier.loan);
      else requests[kept++] = carrier; // still cloned, or still queued
    }
    requests.length = kept;
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the producer's own hold
  }
}
