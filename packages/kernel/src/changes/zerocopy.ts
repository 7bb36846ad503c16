// MSG_ZEROCOPY, SEND_ZC, memory of devices, and the marker of shared frags.
import { at, backported, proposed, type KnownChange } from './change.ts';

export const ZEROCOPY = {
  zerocopy: at(
    '4.14',
    'MSG_ZEROCOPY: an skb whose last page leaves completes its ubuf_info at once, and it is marked SHARED_FRAG; skb_orphan_frags leaves it alone, skb_orphan_frags_rx copies',
    'commit 52267790ef52, 1f8b977ab32d',
  ),
  zerocopyCombines: at(
    '5.10',
    'pages of MSG_ZEROCOPY that go on in the last entry of their packet make that one longer',
    'net/core/datagram.c __zerocopy_sg_from_iter of 5.10.198 and 5.10.223, not of 4.20.1, 5.2.1 and 5.3.1; the releases between were not looked up',
  ),
  zcopyCallsBack: at(
    '5.12',
    'who lets go of a ubuf_info calls its callback, which counts; before, the count is asked first, and the last one calls',
    'commit 75518851a2a0; include/linux/skbuff.h skb_zcopy_clear of 6.1.192, not of 5.10.223',
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
    ['6.1.176', '6.6.143', '6.12.93', '7.0.12'],
    'pskb_carve takes the references that a packet of SEND_ZC has not got before it copies the shared info',
    "commit ff6e798c2eac; the points of the branches are those of Debian's changelogs, and of the pushes of 6.6.143-rc1 and 7.0.12-rc1; 6.18.y has it, from which point on was not looked up",
  ),
  espDowngrades: backported(
    '7.3',
    ['6.1.189', '6.6.158', '6.12.112', '6.18.54', '7.2.8'],
    'ESP takes the references that a packet of SEND_ZC has not got before it gives the packet another page',
    "commit f89416eb3db1, of 1 Sep 2026, behind 7.3-rc1; the points of the branches are those of Debian's changelogs and of the pushes of 17 to 28 Sep 2026 (6.6.y: between 6.6.156 and 6.6.158)",
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
  vsockZerocopy: at(
    '6.7',
    'sockets of vsock send with MSG_ZEROCOPY and SEND_ZC; nobody on the way to a socket of the same host asks for copies',
    'commits 581512a6dc93, dcc55d7bb230, cfdca3904687; net/vmw_vsock/virtio_transport_common.c of a 6.12, not of 6.1',
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
  vsockReadCopies: proposed(
    'virtio_transport_read_skb calls skb_orphan_frags_rx, as receivers of IP do: what a program of BPF sends on has pages of its own',
    'docs/found-vsock-redirect.md',
  ),
  groRefusesZerocopy: backported(
    '7.1',
    ['6.1.176', '6.12.92'],
    'skb_gro_receive does not merge MSG_ZEROCOPY skbs',
    'commit 4db79a322db8, record of CVE-2026-46323',
  ),
} as const satisfies Record<string, KnownChange>;
