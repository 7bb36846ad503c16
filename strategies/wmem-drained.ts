import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type Sock,
} from '@lastref/kernel';

export const design = {
  id: 'wmem-drained',
  title: 'the reply, and after a lost connection an empty send memory',
  year: 2025,
  source:
    'drivers/nvme/host/tcp.c nvme_tcp_wait_queue (7.2.13; also in 6.1.192 and 6.12.117); Michael Liang, LKML, Apr 2025, "nvme-tcp: fix premature queue removal and I/O failover"',
  era: {
    id: '7.2.13',
    source: 'merged in 2025, for 6.15: 7.2 is the first release since that is modelled',
  },
  status: 'merged',
  summary:
    'The reply ends a request. A queue that is torn down is shut, and nothing of it is canceled or sent elsewhere until sk_wmem_alloc of its socket is 0.',
  reading:
    'The kernel waits 100 ms at most, then warns and goes on; here it waits as long as it takes, in its favour. What was sent over a socket that is gone is not told of before that has drained, also where the reply came by another path: there the request would not have been sent before. The send memory is what the device and the qdisc have: a write queue that somebody lets drain by itself is not in it. In 2.6.35 to 3.4 it is not even what the device has: skb_orphan_try gives it back before; as drivers do that orphan what they transmit (virtio_net without NAPI, niu, cxgb4), which are left out here.',
  domain: {
    by: ['requests', 'writeback'],
    over: ['tcp'],
    drains: false,
    since: '5.0',
    source:
      'requests of nvme-tcp, which sends by zero copy [LKML, Apr 2025], over a socket that throws its queue away when it is closed: "to prevent stale data from being sent should the network connection be restored before TCP times out" [sock_no_linger, nvme_tcp_alloc_queue]; nvme-tcp is in 5.10 and not in 4.20',
  },
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new WmemDrained(k),
} satisfies Design;

class WmemDrained extends GetPutPage {
  /** Streams that a request went over. */
  private readonly flows = this.k.sideField<Loan, readonly number[]>();
  /** Whoever sent something, by stream. */
  private readonly socks: Sock[] = [];
  /** Sockets that are shut, and have something out. */
  private readonly draining: Sock[] = [];
  /** Over but for that. */
  private readonly waiting: Loan[] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.went(loan, skb.flow); // on its way [nvme_tcp_try_send_data]
  }

  override merged(skb: SkBuff, _frag: SkbFrag, _size: number, loan: Loan): void {
    this.went(loan, skb.flow); // sent as well [nvme_tcp_try_send_data]
  }

  override replied(loan: Loan): void {
    this.over(loan); // nvme_tcp_process_nvme_cqe
  }

  override charged({ flow, sk }: SkBuff): void {
    if (sk !== null) this.socks[flow] = sk; // queue->sock
  }

  override unanswered(loan: Loan, last: boolean): void {
    const flow = this.flows.get(loan)?.at(-1);
    const sk = flow === undefined ? undefined : this.socks[flow];
    if (sk !== undefined) this.shut(sk); // the queue is torn down [nvme_tcp_error_recovery_work]
    if (last) this.over(loan); // nvme_cancel_request, behind the wait [nvme_tcp_teardown_io_queues]
  }

  override closed(sk: Sock): void {
    this.shut(sk); // the peer has shut it [nvme_tcp_state_change]
  }

  override skbDestructor({ sk }: SkBuff): void {
    if (sk === null || sk.wmemAlloc > 0) return;
    const at = this.draining.indexOf(sk);
    if (at < 0) return;
    this.draining.splice(at, 1); // !sk_wmem_alloc_get [nvme_tcp_wait_queue]
    for (const loan of this.waiting.splice(0)) this.over(loan);
  }

  /** kernel_sock_shutdown [__nvme_tcp_stop_queue] */
  private shut(sk: Sock): void {
    if (sk.wmemAlloc > 0 && !this.draining.includes(sk)) this.draining.push(sk);
  }

  private went(loan: Loan, flow: number): void {
    const flows = this.flows.get(loan) ?? [];
    if (!flows.includes(flow)) this.flows.set(loan, [...flows, flow]);
  }

  private over(loan: Loan): void {
    if (loan.completed) return;
    const flows = this.flows.get(loan) ?? [];
    if (!this.draining.some((sk) => flows.includes(sk.slot))) this.k.complete(loan);
    else if (!this.waiting.includes(loan)) this.waiting.push(loan);
  }
}
