import {
  Destructor,
  GetPutPage,
  ownRefs,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type Sock,
} from '@lastref/kernel';
import { design as literal } from './sock-wfree.ts';

export const design = {
  ...literal,
  id: 'sock-wfree-asks-pages',
  title: 'a callback in sock_wfree, which asks the page counts',
  source:
    'Evgeniy Polyakov, comments of 19 Dec 2007 on his blog entry; that a destructor has to look at the page count is his own answer of 2008 (quoted by Rusty Russell, LKML 21 Dec 2008)',
  domain: { ...literal.domain, memory: 'pages' },
  repairs: 'sock-wfree',
  summary:
    'The callback looks through all requests of the socket for those whose pages are down to the references of their owner.',
  reading:
    "skb_cloned() of the skb that is freed says nothing of the others that carry a request, and a shared info may be gone when it is asked. Pages are the request's own, so their counts can be asked at any time, at no more than a look at each page that is outstanding. Asked in sock_wfree, and where TCP frees packets of its queue, which have no destructor: sk_write_space, the private callback that a socket has actually. A page is free when its count is down to the references of its sender (of the page of a process, that of the mapping and the pin). The kernel calls sk_write_space only where somebody waits for room: here it is asked at each ACK.",
  create: (k) => new SockWfreeAsksPages(k),
} satisfies Design;

/** A page that a request waits for. */
interface Waiting {
  readonly loan: Loan;
  readonly page: Page;
}

class SockWfreeAsksPages extends GetPutPage {
  /** The socket's queue of requests, by stream. */
  private readonly requests: Waiting[][] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.queue(skb.flow, loan, page); // "the queue of bio/pipe/whatever requests" [19 Dec 2007, 21:46]
  }

  override merged(skb: SkBuff, { page }: SkbFrag, _size: number, loan: Loan): void {
    this.queue(skb.flow, loan, page); // no entry of its own, and the page count covers it [in the card]
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.destructor === Destructor.SOCK_WFREE) this.look(skb.flow); // "the only thing we have to change is sock_wfree()" [19 Dec 2007, 22:00]
  }

  override acked({ slot }: Sock): void {
    this.look(slot); // "a private callback (it has actually)" [19 Dec 2007, 21:46]: sk_stream_write_space
  }

  override closed({ slot }: Sock): void {
    this.look(slot); // the queue was purged, and none of its packets had a destructor [tcp_write_queue_purge]
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the request itself: sendpage has all of it [in the card]
  }

  private queue(flow: number, loan: Loan, page: Page): void {
    const requests = (this.requests[flow] ??= []);
    const last = requests.at(-1);
    this.k.looked(1); // is it that of the piece before? Should it be there twice, one look finds both
    if (last?.loan === loan && last.page === page) return;
    requests.push({ loan, page });
    this.k.hold(loan);
  }

  /** "It could check the queue of bio/pipe/whatever requests and find which become ready" [19 Dec 2007, 21:46] */
  private look(flow: number): void {
    const requests = this.requests[flow];
    if (requests === undefined) return;
    this.k.called(); // "a private callback invocation" [19 Dec 2007, 22:00]
    this.k.looked(requests.length);
    const ready: Loan[] = [];
    let kept = 0;
    for (const request of requests) {
      if (request.page.count === ownRefs(request.page)) ready.push(request.loan);
      else requests[kept++] = request;
    }
    requests.length = kept; // as behind a lock: an ACK on the other processor finds them gone
    for (const loan of ready) this.k.drop(loan);
  }
}
