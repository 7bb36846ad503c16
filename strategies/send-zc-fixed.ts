import type { Design, Loan, Page, SkBuff } from '@lastref/kernel';
import { MsgZerocopy, design as msgZerocopy } from './msg-zerocopy.ts';

export const design = {
  id: 'send-zc-fixed',
  title: 'a registered buffer, whose pages no packet counts',
  year: 2022,
  source:
    'io_uring/net.c io_sg_from_iter, io_uring/notif.c io_uring_tx_zerocopy_callback, net/core/skbuff.c skb_release_data, __skb_zcopy_downgrade_managed (6.1.192); commits 753f1ca4e1e5, eb315a7d1396',
  era: {
    id: '6.1.192',
    source: 'merged for 6.0; the first kernel behind that which is modelled',
  },
  status: 'merged',
  summary:
    'As MSG_ZEROCOPY, but packets have no reference on the pages: the ubuf_info keeps the buffer that they are of. A flag of the shared info says so, and whoever copies, cuts or adds entries takes the references first.',
  reading:
    'Each request has a notification of its own, as up to 6.9; from 6.10 on those of one ring that share a packet are told together (io_link_skb). The notification is a completion, which says nothing of copies unless that is asked for.',
  domain: {
    over: ['tcp', 'udp', 'vsock'],
    since: '6.0',
    source:
      'IORING_RECVSEND_FIXED_BUF of IORING_OP_SEND_ZC [io_send_zc_prep, 6.1]; sockets of TCP and UDP take such pages [SOCK_SUPPORT_ZC: tcp_init_sock, udp_init_sock; from 6.7 on vsock_connect, and SO_ZEROCOPY with it: virtio_transport_send_pkt_info], but a datagram that IP has to cut is copied at once [__ip_append_data]',
  },
  adds: [],
  hooks: msgZerocopy.hooks,
  defers: 'always', // the last put queues work for the task, which posts the completion [io_req_task_work_add]
  claims: [],
  create: (k) => new SendZcFixed(k),
} satisfies Design;

export class SendZcFixed extends MsgZerocopy {
  override begins(): void {} // the request brings its own: msg->msg_ubuf [tcp_sendmsg_locked]

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    const { shinfo } = skb;
    if (shinfo.nrFrags === 0) shinfo.managed = true; // SKBFL_MANAGED_FRAG_REFS [io_sg_from_iter]
    if (!shinfo.managed) {
      super.lend(skb, page, pageOffset, size, loan); // somebody has taken the references: so do we [io_sg_from_iter]
      return;
    }
    this.k.fillPageDesc(skb, page, pageOffset, size); // no get_page: imu->bvec names it as long as the node is held
    if (shinfo.loan === loan) return;
    shinfo.loan = loan; // skb_zcopy_set
    this.k.hold(loan);
  }

  override pagesLeft(skb: SkBuff): void {
    super.pagesLeft(skb);
    skb.shinfo.managed = false; // flags &= ~SKBFL_ALL_ZEROCOPY [skb_zcopy_clear]
  }

  override ubufsCopied(skb: SkBuff): void {
    super.ubufsCopied(skb);
    skb.shinfo.managed = false; // flags &= ~SKBFL_ALL_ZEROCOPY [skb_zcopy_clear]
  }

  protected override announce(loan: Loan): void {
    this.k.complete(loan); // one IORING_CQE_F_NOTIF for each request [__io_notif_complete_tw]
  }
}
