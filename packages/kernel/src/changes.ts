// In which release each difference between kernels that the machine knows came in. An era's behaviour follows from
// this table and nothing else: see era.ts.
// What the trees 5.10.223, 6.1.192, Debian's 6.12.117 and 7.2.13 can tell of an entry was looked up in them. An entry
// that names two releases was looked up on both sides; of the others the release is that of the commit, and may be one off.
import type { Change, NamedSpan } from './tree.ts';

export interface KnownChange extends Change {
  /** What kernels that have it do. */
  readonly what: string;
  /** The commit, or the file in trees that were read. */
  readonly source: string;
}

/** `release` of the trunk. */
function at(mainline: string, what: string, source: string): KnownChange {
  return { mainline, backports: [], what, source };
}

/** In no kernel yet: a plus behind an era tries it. */
function proposed(what: string, where: string): KnownChange {
  return { mainline: null, backports: [], what, source: `proposed: ${where}` };
}

/** `release` of the trunk, and the first release of each branch that got it. */
function backported(
  mainline: string | null,
  backports: readonly string[],
  what: string,
  source: string,
): KnownChange {
  return { mainline, backports, what, source };
}

const SEEN = 'trees read: docs/reading.md';

export const CHANGES = {
  // the packet itself
  expandHeadKeepsPages: at(
    '2.6.38',
    'pskb_expand_head moves the page references where dataref says that the data has one owner',
    SEEN,
  ),
  expandHeadAsksCloned: at(
    '3.5',
    'pskb_expand_head moves the page references where skb_cloned() says no',
    'net/core/skbuff.c of 3.4.4 and 3.5',
  ),
  expandHeadCopiesUsedFrags: at(
    '2.6.36',
    'pskb_expand_head copies the shared info up to the last entry in use; what stands behind frags[] is left',
    'commit fed66381d65a',
  ),
  setOwnerOrphans: at(
    '2.6.31',
    'skb_set_owner_w and skb_set_owner_r run the old destructor first, in place of overwriting it',
    'include/net/sock.h of 2.6.24, 2.6.30 and 2.6.31.3; 2.6.30 runs it in netif_receive_skb',
  ),
  fewerFrags: at('3.3', 'MAX_SKB_FRAGS is 17 on x86', 'include/linux/skbuff.h of 3.2 and 3.3'),
  skbShift: at('2.6.29', 'SACKed data is merged by skb_shift', 'commit 832d11c5cd0'),
  trimCondenses: at(
    '4.12',
    '___pskb_trim condenses: a small rest is pulled from the pages into the head (skb without socket)',
    'commit c21b48cc1bbf',
  ),
  smallHeads: at(
    '6.3',
    'heads of at most 640 bytes with the shared info come from skb_small_head_cache and end at 320',
    'commit bf9f1baa279f',
  ),
  headerReleaseStores: at(
    '3.18',
    'TCP gives up the header of a packet of its own by a store (__skb_header_release), not by a locked operation',
    'net/ipv4/tcp.c, tcp_output.c: not in 3.17, in 4.9; the release between them is as remembered (commit f4a775d14489)',
  ),
  fastCloneStores: at(
    '3.19',
    'a fast clone takes its reference on the pair by a store, and the original asks whether it is the last: one locked operation in place of three',
    'net/core/skbuff.c skb_clone, kfree_skbmem: not in 3.17, in 4.9; the release between them is as remembered (commit 6ffe75eb5356)',
  ),
  lastDataReads: at(
    '6.9',
    'whoever is the last to have a data area reads its dataref in place of a locked operation (skb_data_unref)',
    'commit 1cface552a5b, of 7 Mar 2024; the first release is by its date',
  ),
  coalescesClonedPool: at(
    '6.8',
    'skb_try_coalesce takes frags of a page pool from a cloned skb',
    'commit f7dc3248dcfb',
  ),
  poolCountsReferences: at(
    '6.8',
    'a page pool counts references of its own for every page (pp_ref_count)',
    'commit 0a149ab78ee2',
  ),
  segmentClonesLinear: at(
    '5.12',
    'skb_segment without scatter/gather goes on with a member of a frag_list that is one segment as it is, in place of a copy of it',
    'commit dbd50f238dec; not in 5.10.223, in 6.1.192',
  ),
  segmentOrphans: at(
    '3.14',
    'skb_segment takes private copies of frags whose owner nobody counts (skb_orphan_frags)',
    'commit 1fd819ecb90c, CVE-2014-0131; in 5.10.223 before any frag is looked at',
  ),
  // taps, devices, processes
  earlyOrphan: at(
    '2.6.35',
    'dev_hard_start_xmit orphans every skb of a socket before the driver',
    'commit fc6055a5ba31',
  ),
  earlyOrphanGone: at(
    '3.5',
    'skb_orphan_try is gone',
    'commit 62b1a8ab9b36; net/core/dev.c of 3.4.4 and 3.5',
  ),
  qdiscControlBlock: at('2.6.27', 'a qdisc keeps its own record in skb->cb', 'commit 175f9c1bba9b'),
  tapAfterSegment: at(
    '3.7',
    'a tap sees packets after software segmentation',
    'net/core/dev.c dev_hard_start_xmit of 3.6 and 3.7.2',
  ),
  tunCharges: at(
    '2.6.30',
    'tun charges what its process sends to a socket of its own',
    'commit 33dccbb050bb',
  ),
  tunOrphans: at(
    '2.6.34',
    'tun orphans what it queues for its process',
    'commit 0110d6f22f39; drivers/net/tun.c of 2.6.30 and 2.6.34',
  ),
  nfqueueZerocopy: at(
    '3.10',
    'a packet goes to the program behind a netfilter queue by reference',
    'nfqnl_zcopy in net/netfilter/nfnetlink_queue_core.c of 3.10.65, not of 3.9.6; skb_zerocopy since 3.14',
  ),
  nfqueueGso: at(
    '3.10',
    'a program behind a netfilter queue may ask for packets as they are, large and not summed (NFQA_CFG_F_GSO)',
    'net/netfilter/nfnetlink_queue_core.c of 3.10 and 3.15, not of 3.6; 3.7 to 3.9 were not looked up',
  ),
  spliceClones: at(
    '2.6.25',
    'splice from a socket exists, and clones the skb for each pipe',
    'commit 9c55e01c0cc',
  ),
  spliceTakesPages: at('2.6.29', 'splice from a socket takes the pages', 'commit 8b9d3728977'),
  spliceByIterator: at(
    '6.5',
    'sendpage is gone: sendmsg with MSG_SPLICE_PAGES lends',
    'commit dc97391e6610',
  ),
  unixSplice: at(
    '4.2',
    'a unix stream socket takes the pages that are spliced into it, and gives its own to a pipe',
    'commit 869e7c62486e, 2b514574f7e8; net/unix/af_unix.c of 5.10.223, not of 3.17',
  ),
  skbSendSock: at(
    '4.14',
    'skb_send_sock: what one socket has received another one sends (sockmap)',
    'commit 20bf50de3028',
  ),
  skMsg: at(
    '4.20',
    'sockets in a map have messages of their own (sk_psock)',
    'commit 604326b41a6f; from 4.17 to 4.19 kernel/bpf/sockmap.c had such',
  ),
  psockLinearizes: at(
    '5.10',
    'a packet that is redirected to the reader of a socket in a map is made linear first',
    'patch of 12 Nov 2020 (bpf, sockmap: Avoid failures from skb_to_sgvec when skb has frag_list); net/core/skmsg.c of 5.10.223; the first release of the trunk is by its date',
  ),
  psockKeepsPages: at(
    '5.19',
    'a packet that is redirected to the reader of a socket in a map keeps its pages, unless a message has no room for so many',
    'patch of 27 Apr 2022 for bpf-next (bpf, sockmap: Call skb_linearize only when required); net/core/skmsg.c of 6.1.192, not of 5.10.223; the first release is by its date',
  ),
  psockReadsSkb: at(
    '6.0',
    'a program of BPF gets what a socket has received out of its queue (tcp_read_skb), in place of a clone',
    'commit 965b57b469a5, 04919bed948d; net/core/skmsg.c and net/ipv4/tcp.c of 6.1.192, 6.12.117 and 7.2.13, not of 5.10.223',
  ),
  tlsDeviceZerocopy: at(
    '5.19',
    'TLS by a device sends what is spliced in by reference where its socket asks for that (TLS_TX_ZEROCOPY_RO)',
    'commit c1318b39c7d3; net/tls/tls_device.c of 6.1.192, not of 5.10.223',
  ),
  tlsStrp: at(
    '6.0',
    'TLS reads its records where the receive queue has them, and clones what an asynchronous cipher still reads',
    'commit 84c61fe1a75b; net/tls/tls_strp.c of 6.1.192, not in 5.10.223',
  ),
  xskZerocopyGeneric: at(
    '5.12',
    'AF_XDP sends by reference through devices that take packets without linear bytes',
    'commit 9c8f21e6f885; net/xdp/xsk.c of 6.1.192, not of 5.10.223',
  ),
  kcm: at(
    '4.6',
    'messages over connections (KCM), and pages in them',
    'commit ab7ac4eb9832, f29698fc6b4f',
  ),
  strparser: at(
    '4.9',
    'messages are put together from packets of the receive queue, for whoever wants that (strparser; KCM did so itself before)',
    'commit 43a0c6751a32',
  ),
  strpSharesHeads: at(
    '4.19',
    'a packet that goes behind a message of a strparser gets a head of its own only where it has a list',
    'commit 4e485d06bb8c, of which 4a9c2e3746e6 took back what it did to the first packet; net/strparser/strparser.c of 4.9.76, where each gets one, and 5.10.223',
  ),
  mptcp: at(
    '5.6',
    'Multipath TCP: data in pages of its own, carried by several connections',
    'commit 6d0060f600ad; net/mptcp/protocol.c of 5.10.223',
  ),
  xdpGeneric: at(
    '4.12',
    'programs of XDP on any device',
    'commit b5cdae3291f7; net/core/dev.c of 5.10.223, not of 3.17',
  ),
  xdpGenericFrags: at(
    '6.9',
    'a program of XDP that knows fragments gets a copy with pages on any device (skb_pp_cow_data; veth had it before)',
    'commit e6d5dbdd20aa; net/core/dev.c of 6.12.117, not of 6.1.192',
  ),
  packetTxRing: at(
    '2.6.31',
    'AF_PACKET sends from a ring of its own (TX_RING)',
    'commit 69e3c75f4d54',
  ),
  packetTxMarks: at(
    '4.20',
    'TX_RING marks its packets as zero-copy and SHARED_FRAG: who would share or keep one copies it first',
    'commit 5cd8d46ea156; tpacket_fill_skb of 4.20 and 5.10.223; vendors have it in trees called 4.15 and 4.18',
  ),
  orphansFrags: at(
    '3.6',
    'whoever receives a packet, or queues it for a process, first copies pages whose owner nobody counts (skb_orphan_frags)',
    'deliver_skb and __netif_receive_skb in net/core/dev.c and tun_net_xmit in drivers/net/tun.c of 3.6.0; the function is not in 3.2',
  ),
  txTimestamps: at(
    '2.6.30',
    'skb_tstamp_tx puts a clone on the error queue',
    'commit ac45f602ee3d',
  ),
  zcopyClearsFirst: at(
    '5.12',
    'skb_release_data clears the ubuf_info before it drops frags and frag_list',
    'commit 70c4316749f6; a running 6.1.192 does, a running 5.10.223 does not',
  ),
  xenFragList: at(
    '3.15',
    'netback takes packets of more slots than MAX_SKB_FRAGS: the rest comes on a frag_list, and all of it is copied',
    'commit e3377f36ca20; xenvif_handle_frag_list in drivers/net/xen-netback/netback.c of 3.15',
  ),
  xenUnrefsFrags: at(
    '4.0',
    'netback puts the frags that it has copied because there were too many',
    'patch of 3 Mar 2015 (xen-netback: unref frags when handling a from-guest skb with a frag list); netback.c of 3.16, where nobody does, and 5.10',
  ),
  ringFreesUnlocked: backported(
    '6.1',
    ['5.10.159'],
    'netback frees what it drops from its ring behind the lock that turned interrupts off',
    'commit 74e7e1efdad4, CVE-2022-42328; seen in 5.10.223; published with CVE-2022-3643, which 5.10.159 fixes',
  ),
  tstampOrphans: backported(
    '6.4',
    ['5.10.180', '6.1.28'],
    'skb_tstamp_tx takes copies of the pages of MSG_ZEROCOPY (skb_orphan_frags_rx)',
    'commit 50749f2dd685, mended by 8a02fb71d719; seen in 5.10.223 and 6.1.192, the points of the branches are as remembered',
  ),
  teeTarget: at('2.6.35', 'netfilter duplicates packets (xt_TEE)', 'commit e281b19897dc'),
  gro: at('2.6.29', 'GRO', 'commit 71d93b39e52'),
  groFrag0: at(
    '2.6.30',
    'GRO takes headers from the first page of a packet without linear bytes',
    'commit 86911732d399; dev_gro_receive of 2.6.32 and 3.6',
  ),
  vethKeepsOwner: at(
    '4.19',
    'a packet stays with the socket that has sent it on its way over veth, until it comes up to IP',
    'commit 9c4c325252c5; skb_scrub_packet of 4.9.76, which orphans, and 5.10.223; ip_rcv_core of 5.10.223',
  ),
  vethGro: at(
    '5.13',
    'veth has GRO without XDP: what was sent comes to GRO before skb_orphan_frags_rx',
    'commit d3256efd8e8b, by the record of its mend d2269ae48598 (5.15.12)',
  ),
  tryCoalesce: at('3.5', 'skb_try_coalesce', 'commit bad43ca8325f'),
  headFrag: at(
    '3.5',
    'build_skb and head_frag: a head that stands in a page',
    'commit d3836f21b0af',
  ),
  // TCP
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
    'net/ipv4/tcp_output.c of 3.17 and 4.9; commit 9b462d02d6dd',
  ),
  wfreeReadsFlags: at(
    '4.10',
    'tcp_wfree reads whether its socket is held back; before, it takes that bit by a locked operation each time',
    'net/ipv4/tcp_output.c of 3.6, 3.17 and 4.9, which take it, and of 4.9.76 of its branch; commit 408f0a6c21e1, the release of the trunk is as remembered',
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
    'commit f8071cde7879; net/ipv4/tcp_output.c: not in 4.9, in 4.14, and in 4.9.76 of its branch; the first release of the trunk is as remembered',
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
  sendQueuePaged: at('6.5', 'no linear bytes in the send queue of TCP', 'commit 882a25af265d'),
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
  // IP and ESP
  pageFragRefill: at(
    '3.7',
    'copied bytes of a socket go to a page that is kept over datagrams: begun anew when nobody else has it, left when less than 32 bytes are free (sk_page_frag_refill)',
    'commit 5640f7685831',
  ),
  corkSumsNow: at(
    '4.4',
    'what MSG_MORE says is not all of a datagram is summed as it comes, whatever the device can do',
    'commit d749c9cbffd6; not in 3.18, in 5.10.223',
  ),
  udpSendpageCopies: backported(
    null,
    ['6.1.192'],
    'udp_sendpage asks udp_sendmsg for MSG_SPLICE_PAGES, which copies there: ip_append_data knows no such flag before 6.5',
    "net/ipv4/udp.c and net/ipv4/ip_output.c of 6.1.192, and a running 6.1.192 does; not in 5.10.223; the branch's first release that has it was not looked up",
  ),
  fragmentsWantRoom: at(
    '4.15',
    'a chain of fragments goes out as it is only where each packet has the room in front that its device wants, and not only that of a header',
    'net/ipv4/ip_output.c ip_do_fragment: in 5.10, not in 2.6.24; which release between was first was not looked up in trees (ip6_fragment has it from 4.13 on)',
  ),
  defragCoalesces: at(
    '3.5',
    'reassembly moves frags to the first fragment where it can',
    'commit 3cc4949269e0',
  ),
  defragChains: at(
    '4.2',
    'IPv4 reassembly chains all fragments again, so that a router can send them on as they came',
    'commit 14fe22e33462; net/ipv4/ip_fragment.c of 3.17, which coalesces, and of 4.9 and 4.9.76, which do not; the first release is as remembered',
  ),
  defragCoalescesLocally: at(
    '5.3',
    'reassembly for this host moves frags to the first fragment where it can',
    'patch of 2 Aug 2019 (inet: frags: re-introduce skb coalescing for local delivery); in 5.10.223; the first release is by its date',
  ),
  espInPlace: at(
    '4.11',
    'ESP decrypts frags in place if nobody shares them',
    'commit cac2661c53f3',
  ),
  ahAsync: at(
    '2.6.33',
    'AH takes its sums by ahash: of a packet that it has made its own, at once or later',
    'commit dff3bb06267d; net/ipv4/ah4.c of 3.6; before, it summed the frags as they were and wrote into headers alone',
  ),
  espGro: at(
    '4.11',
    'GRO hands ESP packets to esp_input before __netif_receive_skb_core has seen them (esp4_gro_receive)',
    'commit 7785bba299a8',
  ),
  espUnrefsPool: at('6.9', 'ESP puts what it encrypted as pools want it', 'commit c3198822c6cb'),
  espFailureUnrefs: backported(
    '7.1',
    ['7.0.13'],
    'where esp_output_tail fails after it has taken the pages from the packet, it puts them',
    'commit 2982e599fff6, CVE-2026-63872',
  ),
  espAsksMarker: backported(
    '7.1',
    ['5.10.255', '6.1.171', '6.12.87'],
    'ESP does not decrypt in place where SKBFL_SHARED_FRAG is set',
    'commit f4c50a4034e6; the points of the branches are those of the record of CVE-2026-43284 (6.1.172 beside 6.1.171)',
  ),
  rxrpcUnshares: at(
    '5.3',
    'rxrpc decrypts where a packet stands unless it is cloned (skb_unshare), in place of skb_cow_data',
    'commit d0d5c0cd1e71; net/rxrpc of 4.10 and 5.10.223',
  ),
  rxrpcCopiesPaged: backported(
    null,
    ['6.1.192'],
    'rxrpc copies a packet that has pages before it decrypts it (CVE-2026-43500)',
    'net/rxrpc/input.c of 6.1.192, not of 5.10.223; the first release that has it was not looked up',
  ),
  rxrpcBuffer: backported(
    '7.2',
    ['debian-6.12.117'],
    'rxrpc decrypts in a buffer of the call, and the packet stays as it is (CVE-2026-43500)',
    'net/rxrpc/recvmsg.c of 6.12.117 and 7.2.13, not of 6.1.192; the first releases that have it were not looked up',
  ),
  // MSG_ZEROCOPY and the marker of shared frags
  zerocopy: at(
    '4.14',
    'MSG_ZEROCOPY: an skb whose last page leaves completes its ubuf_info at once, and it is marked SHARED_FRAG; skb_orphan_frags leaves it alone, skb_orphan_frags_rx copies',
    'commit 52267790ef52, 1f8b977ab32d',
  ),
  orphanRxLate: at(
    '6.17',
    'skb_orphan_frags_rx moved from __netif_receive_skb_core to ip_local_deliver_finish and ip6_input_finish',
    'net/core/dev.c and net/ipv4/ip_input.c of 6.14 and 6.17; 6.15 and 6.16 were not looked up',
  ),
  marker: at(
    '3.9',
    'SKBTX_SHARED_FRAG: TCP marks the pages that sendpage gives it, and skb_checksum_help makes what is marked linear first',
    'commit cef401de7be8; skb_checksum_help of 3.6 does not ask, those of 3.15, 3.16, 4.9, 5.10, 6.1, 6.12 and 7.2 do',
  ),
  markerCarried: backported(
    '7.1',
    ['5.10.257', '6.1.174', '6.12.91'],
    'pskb_copy, skb_shift, skb_try_coalesce, skb_gro_receive and skb_gro_receive_list carry SKBFL_SHARED_FRAG',
    'commit f84eca581739, 48f6a5356a33; the points of the branches are those of the record of CVE-2026-46300',
  ),
  skbZerocopyMarks: backported(
    null,
    ['debian-6.12.115'],
    'skb_zerocopy carries SKBFL_SHARED_FRAG',
    "Debian's 6.12.115-1; not in 6.1.192, not in 7.2.13",
  ),
  carveTakesUbuf: backported(
    '7.1',
    ['5.10.259', '6.1.176', '6.12.93'],
    'pskb_carve takes a reference on the ubuf_info that it copies',
    'commit 98d0912e9f84; not in 5.10.223; in 6.1.192, 6.12.117 and 7.2.13',
  ),
  sendZc: at(
    '6.0',
    'SEND_ZC of io_uring; pages of a registered buffer go into packets that have no reference on them (SKBFL_MANAGED_FRAG_REFS)',
    'commits eb315a7d1396, 753f1ca4e1e5; io_uring/net.c of 6.1.192, no such file in 5.10.223',
  ),
  carveDowngrades: backported(
    '7.1',
    ['6.1.176', '6.12.93'],
    'pskb_carve takes the references that a packet of SEND_ZC has not got before it copies the shared info',
    "commit ff6e798c2eac; the points of the branches are those of Debian's changelogs",
  ),
  espDowngrades: backported(
    '7.3',
    ['6.1.189', '6.12.112', '7.2.8'],
    'ESP takes the references that a packet of SEND_ZC has not got before it gives the packet another page',
    "commit f89416eb3db1, of 1 Sep 2026, behind 7.3-rc1; the points of the branches are those of Debian's changelogs",
  ),
  unreadable: at(
    '6.12',
    'a frag may name memory of a device that no processor reads; whoever would copy, sum or linearize is refused (skb_frags_readable)',
    'net/core/skbuff.c and include/linux/skbuff.h of 6.12.117 and 7.2.13, not of 6.1.192',
  ),
  devmemTx: at(
    '6.16',
    'TCP sends memory of a device (zerocopy_fill_skb_from_devmem), to devices that read such alone',
    'net/core/datagram.c and net/core/dev.c of 7.2.13, not of 6.12.117; the releases between were not looked up',
  ),
  iptfs: at('6.14', 'IP-TFS: packets in the payload of ESP', 'net/xfrm/xfrm_iptfs.c'),
  iptfsConsumeMarks: at(
    '7.2',
    'iptfs_consume_frags carries SKBFL_SHARED_FRAG',
    'commit 21b27defa451; in 7.2.13, the first release was not looked up',
  ),
  iptfsAddMarks: backported(
    '7.2',
    ['6.18.42', '7.1.6'],
    'iptfs_skb_add_frags sets SKBFL_SHARED_FRAG',
    'commit 430ea57d6daf (7.2-rc4), record of CVE-2026-64566',
  ),
  // proposed, and in no kernel: to be tried with a plus behind an era
  probeRefusesOwner: proposed(
    'tcp_clone_payload makes no probe of an skb that has a ubuf_info, as skb_shift merges none',
    'docs/found-mtu-probe.md',
  ),
  probeSharesOwner: proposed(
    'tcp_clone_payload gives the probe the ubuf_info of the skb that it is made of (Model: no probe is made of several)',
    'docs/found-mtu-probe.md',
  ),
  groRefusesZerocopy: backported(
    '7.1',
    ['6.1.176', '6.12.92'],
    'skb_gro_receive does not merge MSG_ZEROCOPY skbs',
    'commit 4db79a322db8, record of CVE-2026-46323',
  ),
} as const satisfies Record<string, KnownChange>;

/** For who moves what was received to a pipe. */
export const TCP_SPLICE_READ = {
  id: 'tcp_splice_read',
  since: CHANGES.spliceClones,
  until: null,
} satisfies NamedSpan;
