// TCP, and what stands on its connections.
import { at, backported, type KnownChange } from './change.ts';

export const TCP = {
  rcvbufCounts: at(
    '6.17',
    'TCP takes no packet that ends beyond the window or does not fit its buffer, unless nothing else waits',
    'net/ipv4/tcp_input.c tcp_sequence, tcp_can_ingest',
  ),
  gsoPushes: at(
    '5.4',
    'TCP sets PSH on every packet of several segments',
    'commit 051ba67447de; net/ipv4/tcp_output.c of 5.3.1 and 5.4',
  ),
  gsoAlways: at(
    '4.17',
    'TCP builds large packets whatever the device can do',
    'commit 0a6b2a1dc2a2',
  ),
  window10: at(
    '2.6.38',
    'the initial receive window is 10 segments',
    'commit 356f039822b8; net/ipv4/tcp_output.c tcp_select_initial_window of 2.6.38, not of 2.6.32',
  ),
  window20: at(
    '3.11',
    'it is 20 segments',
    'commit 85f16525a2eb; net/ipv4/tcp_output.c tcp_default_init_rwnd of 3.11, no such function in 3.10.4',
  ),
  window64k: at(
    '4.20',
    'it is as many segments as fit 64 KiB',
    'commit a337531b942b; net/ipv4/tcp_output.c tcp_select_initial_window of 4.20',
  ),
  windowGrowsByLength: at(
    '3.4',
    'the receive window grows by twice what has come, where that is more than two segments',
    'net/ipv4/tcp_input.c tcp_grow_window of 3.4.2, not of 3.2; 3.3 was not looked up',
  ),
  windowShutsEarly: at(
    '3.15',
    'a receive window shuts when a sixteenth of the buffer is free, and not only when that is less than a segment',
    'net/ipv4/tcp_output.c __tcp_select_window of 3.16, not of 3.14.1; 3.15 was not looked up',
  ),
  slowStart10: at('2.6.39', 'the initial congestion window is 10', 'commit 442b9635c569'),
  oneSecond: at('3.1', 'the initial retransmission timeout is one second', 'commit 9ad7c049f0f7'),
  tcpCoalesces: at(
    '3.5',
    'tcp_queue_rcv appends to the last skb of the receive queue where it can (tcp_try_coalesce)',
    'commit b081f85c2977',
  ),
  wmemKeepsSocket: at(
    '2.6.31',
    'a packet that is charged to a socket takes no reference on it, as the charge itself keeps it: two locked operations less',
    'commit 2b85a34e911b; include/net/sock.h and net/core/sock.c of 2.6.24, where skb_set_owner_w holds the socket, and 3.6',
  ),
  wfreeInTwo: at(
    '3.18',
    'tcp_wfree gives back all of a charge but one, and that one by sk_free: a locked operation more',
    'commit 9b462d02d6dd; net/ipv4/tcp_output.c of 3.18, not of 3.17',
  ),
  wfreeReadsFlags: at(
    '4.10',
    'tcp_wfree reads whether its socket is held back; before, it takes that bit by a locked operation each time',
    'commit 408f0a6c21e1; net/ipv4/tcp_output.c of 3.6, 3.17 and 4.9, which take it, and of 4.10.1',
  ),
  retransmitUnshares: at(
    '4.7',
    'what is sent again gets a shared info of its own first, so that a clone of it goes out; before, a copy goes out while a clone is about',
    'commit 10d3be569243; __tcp_retransmit_skb in net/ipv4/tcp_output.c of 4.7.4, not of 4.6.2',
  ),
  smallQueues: at(
    '3.6',
    'TCP has at most a few packets below it and goes on in tcp_wfree (TCP small queues)',
    'commit 46d3ceabd8d9',
  ),
  gsoKeepsOwner: at(
    '3.10',
    'tcp_gso_segment charges the segments in place of the packet that they are cut from',
    'commit 6ff50cd55545',
  ),
  smallQueuesByRate: at(
    '3.13',
    'the limit of TCP small queues is what leaves in a millisecond, at least tcp_limit_output_bytes',
    'commit c9eeec26e32e, mended by 98e09386c0ef',
  ),
  smallQueuesTwoPackets: at(
    '3.19',
    'the limit of TCP small queues is two packets or what leaves in a millisecond, at most tcp_limit_output_bytes',
    'commit 605ad7f184b6',
  ),
  outputLimit256K: at('4.2', 'tcp_limit_output_bytes is 256 KiB', 'commit c39c4c6abb89'),
  pacingRatios: at(
    '4.3',
    'the pacing rate behind slow start is 1.2 times the window',
    'commit 43e122b014c9',
  ),
  smallQueuesOnRetransmit: at(
    '4.9',
    'retransmissions ask tcp_small_queue_check too, with twice the limit',
    'commit f9616c35a0d7',
  ),
  smallQueuesFirstTwo: at(
    '4.10',
    'the first two packets of the write queue are sent whatever is below',
    'commit 75eefc6c59fd',
  ),
  collapseShifts: at(
    '4.10',
    'a retransmission takes the pages of the next small packet by skb_shift (tcp_collapse_retrans)',
    'commit f8071cde7879; net/ipv4/tcp_output.c: not in 4.9, in 4.10.1 and 4.14',
  ),
  smallQueuesAllowNone: at(
    '4.15',
    'a packet is sent whatever is below if nothing is unacknowledged',
    'commit 75c119afe14f',
  ),
  outputLimit1M: at('5.0', 'tcp_limit_output_bytes is 1 MiB', 'commit c73e5807e4f6'),
  smallQueuesAllowOne: backported(
    '6.6',
    ['5.10.199', '6.1.60'],
    'a packet is sent whatever is below if at most one is unacknowledged',
    'commit f921a4a5bffa, of 17 Oct 2023, and stable reviews of 23 Oct 2023; in 5.10.223 and 6.1.192',
  ),
  outputLimit4M: at('6.16', 'tcp_limit_output_bytes is 4 MiB', 'commit 9ea3bfa61b09'),
  hostQueueCheck: at(
    '3.16',
    'no retransmission of an skb whose clone has not left the host',
    'skb_still_in_host_queue in net/ipv4/tcp_output.c of 3.16, not of 3.15.5',
  ),
  hostQueueGoesOn: at(
    '5.13',
    'a retransmission that waits until the clone has left the host is sent when that is freed, by the tasklet of small queues',
    'commit f4dae54e486d of 11 Mar 2021; net/ipv4/tcp_output.c skb_still_in_host_queue of 6.1.192, not of 5.10.198',
  ),
  retransmitAsksNobody: at(
    '5.13',
    'a retransmission does not ask any more whether more is below TCP than it has queued',
    'commit ac3959fd0dcc of 11 Mar 2021; net/ipv4/tcp_output.c __tcp_retransmit_skb of 5.10.198, which asks, and of 6.1.192',
  ),
  pureAcks: at(
    '4.0',
    'an ACK without data is charged with 2 bytes, and what is freed with it sends nothing on',
    'skb_set_tcp_pure_ack in net/ipv4/tcp_output.c of 4.2, not of 3.19.8; 4.0 and 4.1 were not looked up',
  ),
  rpcResendCopies: at(
    '3.13',
    'sunrpc copies the pages of a call that it has sent before',
    'commit a6b31d18b02f',
  ),
  rpcRetriesNobufs: at(
    '3.17',
    'a call of sunrpc that finds no buffer is tried again after 3 s',
    'ENOBUFS in call_status of net/sunrpc/clnt.c of 3.17, not of 3.16',
  ),
  rpcSendCopies: at(
    '5.1',
    'sunrpc sends by copying: sendmsg of an iov_iter in place of sendpage',
    'commit 0472e4766049; xprt_sock_sendmsg asks for no MSG_SPLICE_PAGES in 5.10.223, 6.1.192, 6.12.117 and 7.2.13; sendpage in xprtsock.c of 5.0.1, an iov_iter in 5.2.1',
  ),
  iscsiAborts: at(
    '4.5',
    'an iSCSI initiator that gives a connection up throws away what is queued there, in place of letting it drain',
    'open-iscsi 742e4e2fae1f of 29 Feb 2016 (SO_LINGER of 0, 2.0.874), which comes with no kernel; sock_no_linger in iscsi_sw_tcp_conn_bind since May 2021',
  ),
  resetPurges: at('4.16', 'a reset gives up the write queue at once', 'commit a27fd7a8ed38'),
  sendQueuePaged: at(
    '6.5',
    'no linear bytes in the send queue of TCP',
    'commit 5882efff88aa; net/ipv4/tcp.c tcp_stream_alloc_skb of 6.12.117 takes no length of them, that of 6.1.192 does',
  ),
  probeByReference: at(
    '6.5',
    'tcp_mtu_probe takes the pages of queued skbs (tcp_clone_payload)',
    'commit 736013292e3c',
  ),
  sendHeadGrows: at(
    '6.10',
    'tcp_grow_skb fills the skb that is about to be sent from the next one by skb_shift',
    'commit 8ee602c63520',
  ),
  zerocopyReceive: at('4.18', 'getsockopt(TCP_ZEROCOPY_RECEIVE)', 'commit 05255b823a61'),
  zerocopyReceiveGuard: backported(
    '6.8',
    ['5.10.210', '6.1.77'],
    'TCP_ZEROCOPY_RECEIVE maps no page that belongs to somebody (can_map_frag)',
    'commit 577e4432f3ac; the points of the branches are those of the record of CVE-2024-26640',
  ),
} as const satisfies Record<string, KnownChange>;
