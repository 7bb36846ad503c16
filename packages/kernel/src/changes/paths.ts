// Taps, devices, sockets and processes that a packet or its pages come to.
import { at, backported, type KnownChange } from './change.ts';

export const PATHS = {
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
  loopbackTso: at(
    '2.6.27',
    'the loopback device takes packets of several segments',
    'drivers/net/loopback.c of 2.6.27, not of 2.6.24 and 2.6.26, where NETIF_F_TSO stands behind a LOOPBACK_TSO that nobody defines; NETIF_F_GSO comes of itself since 2.6.27 (net/core/dev.c register_netdevice)',
  ),
  loopback64k: at(
    '3.7',
    'the loopback device takes packets of 64 KiB; before, of 16436 bytes',
    'commit 0cf833aefaa8; drivers/net/loopback.c of 3.8.13, not of 3.5; 3.6 and 3.7 were not looked up',
  ),
  macvlanBridges: at(
    '2.6.33',
    'what a device of macvlan sends to many goes to its sisters, too (bridge mode); before, what their common device has received alone',
    'commit 618e1b7482f7; drivers/net/macvlan.c macvlan_queue_xmit of 2.6.34 and 2.6.37, not of 2.6.32; 2.6.33 was not looked up',
  ),
  tunOffload: at(
    '2.6.27',
    'the process behind a tun device may take packets with pages (TUNSETOFFLOAD); before, they are made linear in front of it',
    'drivers/net/tun.c tun_chr_ioctl, set_offload of 2.6.27; no feature but NETIF_F_NETNS_LOCAL in 2.6.26, none in 2.6.24',
  ),
  vethFeatures: at(
    '3.10',
    'veth takes packets with pages unless it is told otherwise; before, where somebody has said so (ethtool)',
    'drivers/net/veth.c VETH_FEATURES of 3.10.4; of 2.6.24 to 2.6.37, 3.2 and 3.8.13, where NETIF_F_LLTX is all that is set',
  ),
  qdiscControlBlock: at('2.6.27', 'a qdisc keeps its own record in skb->cb', 'commit 175f9c1bba9b'),
  tapAfterSegment: at(
    '3.7',
    'a tap sees packets after software segmentation',
    'net/core/dev.c dev_hard_start_xmit of 3.6 and 3.7.2',
  ),
  validateXmit: at(
    '3.18',
    'a packet that its device cannot cut up is cut up, and freed, before the device is asked; before, it is freed when the device has taken the last segment',
    'net/core/dev.c dev_hard_start_xmit of 3.17, validate_xmit_skb of 3.18',
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
  tunDrops: at(
    '3.8',
    'tun drops what does not fit in the queue of its process; before, it stops its own queue, and packets wait in the qdisc',
    'commit 5d097109257c (IFF_ONE_QUEUE has no effect since 3.8, as systemd.netdev says); drivers/net/tun.c tun_net_xmit of 3.8.13, 3.10, 5.10.198 and 7.2.13, not of 3.5',
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
  pipePutsInFs: backported(
    '3.14',
    ['3.10.30', '3.12.11', '3.13.3'],
    'what splice has put into a pipe from a socket is put by fs/ (nosteal_pipe_buf_ops), no longer by the network (sock_pipe_buf_release)',
    "net/core/skbuff.c of 3.6, which has its own operations, and 3.15.5; the points of the branches are those of SCST's patches",
  ),
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
    'commit 4e485d06bb8c, of which 4a9c2e3746e6 took back what it did to the first packet; net/strparser/strparser.c of 4.10.1, where each gets one, and 5.10.223',
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
  xdpGenericRoom: at(
    '4.15',
    'a program of XDP on any device finds 256 bytes of room in front of the packet',
    'commit de8f3a83b0a0; netif_receive_generic_xdp of 4.19, not of 4.14',
  ),
  xdpGenericShared: backported(
    '5.6',
    ['4.19.106', '5.4.22', '5.5.6'],
    'a program of XDP on any device gets packets that somebody shares, made private; before, such a packet passes it by',
    'commit ad1e03b2b3d4, in the pull request of 14 Feb 2020 for 5.6-rc2; the points of the branches are those of their announcements (24 Feb 2020); netif_receive_generic_xdp of 4.14, 4.19 and 5.3.1 looks at skb_cloned first, that of 5.10.223 does not',
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
    ['5.10.180', '5.15.111', '6.1.28'],
    'skb_tstamp_tx takes copies of the pages of MSG_ZEROCOPY (skb_orphan_frags_rx)',
    'commit 50749f2dd685, mended by 8a02fb71d719; in net/core/skbuff.c of 5.10.198, 5.10.223, 6.1.158 and 6.1.192; the pushes of 5.10.180 and 5.15.111 have it, of which 6.1.28 is a sister of the same day',
  ),
  tcpStamps: at(
    '3.17',
    'a socket of TCP may ask for the time at which its packets leave (SO_TIMESTAMPING)',
    'commit 4ed2d765dfac; tcp_tx_timestamp in net/ipv4/tcp.c of 3.17, not of 3.16',
  ),
  teeTarget: at('2.6.35', 'netfilter duplicates packets (xt_TEE)', 'commit e281b19897dc'),
  gro: at('2.6.29', 'GRO', 'commit 71d93b39e52'),
  groCells: at(
    '3.7',
    'GRO gets what has left a tunnel (gro_cells); before, what a driver has received alone',
    'include/net/gro_cells.h and net/ipv4/ip_gre.c of 3.7.2 and 3.8.13, no such file in 3.6',
  ),
  groFrag0: at(
    '2.6.30',
    'GRO takes headers from the first page of a packet without linear bytes',
    'commit 86911732d399; dev_gro_receive of 2.6.32 and 3.6',
  ),
  tunNapi: at(
    '4.15',
    'a tun device may hand what a guest sends to GRO (IFF_NAPI), before skb_orphan_frags_rx',
    'commit 943170998b20; drivers/net/tun.c of 4.15 and 5.10.198, not of 4.2; the releases between were not looked up',
  ),
  segmentList: at(
    '5.6',
    'GRO chains datagrams whole (NETIF_F_GRO_FRAGLIST), and skb_segment_list takes them apart',
    'commits 3a1296a38d0c, 9fd1ff5d2ac7; net/core/skbuff.c of 5.10.198, not of 4.15; the releases between were not looked up',
  ),
  vethKeepsOwner: at(
    '4.19',
    'a packet stays with the socket that has sent it on its way over veth, until it comes up to IP',
    'commit 9c4c325252c5; skb_scrub_packet of 4.10.1, which orphans, and 5.10.223; ip_rcv_core of 5.10.223',
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
} as const satisfies Record<string, KnownChange>;
