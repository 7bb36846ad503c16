// Rows of the registry of operations that no operation of a script plays, and why.
import { OPERATIONS as REGISTRY } from '@lastref/operations';
import { OPERATIONS } from './operations/index.ts';

const DEVICE =
  "a driver: its queue and its context are the guest's network, which a script has not";
const SOCKET =
  'works on the queue of a socket that is connected; what it does to one buffer is played by itself';
const PACKET =
  'the clone that a tap gets, which is played, behind the filter and the queue or ring of a packet socket';
const NETMEM = 'needs memory of a device (a dma-buf), and a driver that takes it';
const READS = 'reads bytes and changes no buffer: nothing to compare';

const SPLICED =
  'page, offset and size go on into a socket, by skb_append_pagefrags and skb_splice_bits, which are played';

const UMEM =
  'fills a packet from memory that a process has registered, for a device; skb_fill_page_desc, which is played, is what it calls';

const SUMMED = 'needs a security association; skb_cow_data, which is played, is what it calls';

const APPENDED =
  'the datagram that is put together, of a socket with a route; skb_append_pagefrags, which is played, is what it calls';

const REASONS: Readonly<Record<string, string>> = {
  skb_orphan: 'runs the destructor of a socket, and sk_buffs of a script have none',
  'skb_splice_bits (clone)': 'only in 2.6.25 to 2.6.28',
  'skb_splice_bits (page)': 'fills a pipe: get_page for each buffer, and no sk_buff changes',
  'skb_gro_receive (head_frag)': 'needs a head in a page, and no script makes one',
  skb_append_datato_frags: 'UDP fragmentation offload is gone since 4.14',
  tcp_retrans_try_collapse: 'only up to 4.9: copies what is linear, behind TCP accounts',
  tcp_collapse_retrans: 'skb_shift, which is played, behind TCP accounts',
  tcp_collapse: SOCKET,
  'tcp_mtu_probe (copy)': SOCKET,
  tcp_clone_payload: SOCKET,
  skb_copy_datagram_iovec: READS,
  skb_to_sgvec: READS,
  iptfs_consume_frags: 'static, in a module behind a tunnel',
  iptfs_skb_add_frags: 'static, in a module behind a tunnel',
  skb_recycle_check: 'gone since 3.7',
  'driver frag': 'outside the tree',
  dev_hard_start_xmit: DEVICE,
  loopback_xmit: DEVICE,
  veth_xmit: DEVICE,
  tun_net_xmit: DEVICE,
  br_flood: DEVICE,
  macvlan_broadcast: DEVICE,
  tap_handle_frame: DEVICE,
  xennet_release_tx_bufs: DEVICE,
  skb_segment_list: 'takes apart what only GRO chains, behind a device or a tunnel',
  packet_rcv: PACKET,
  tpacket_rcv: PACKET,
  'tpacket_rcv (copy_thresh)': PACKET,
  tpacket_snd:
    'fills a packet from a ring that a process has mapped, for a device; skb_fill_page_desc, which is played, is what it calls',
  nf_queue: 'skb_zerocopy, which is played, behind a netlink socket',
  'nf_queue (handed over)': 'skb_zerocopy, which is played, behind a netlink socket',
  'nf_queue (sums)': '__pskb_pull_tail, which is played, behind a netlink socket',
  tcp_splice_read: 'fills a pipe: get_page for each buffer, and no sk_buff changes',
  pipe_to_sendpage: 'gone since 6.5',
  unix_stream_sendpage: 'gone since 6.5',
  'unix_stream_sendmsg (MSG_SPLICE_PAGES)': SPLICED,
  unix_stream_splice_read: SPLICED,
  'virtio_transport_fill_skb (loopback)': SOCKET,
  'skb_send_sock (vsock)': SOCKET,
  skb_send_sock: SOCKET,
  sk_psock_skb_ingress: 'needs a program of BPF; the packet stays what it is, behind a message',
  'bpf_tcp_ingress (sendpage)': 'gone since 6.5: a socket in a map copies what is spliced into it',
  'tcp_sendmsg_locked (lent and copied)': SOCKET,
  '__ip_append_data (MSG_SPLICE_PAGES)': APPENDED,
  '__ip6_append_data (MSG_SPLICE_PAGES)': APPENDED,
  __strp_recv: 'clones on a frag_list, which are played, in a module above a socket',
  kcm_write_msgs: SPLICED,
  mptcp_sendmsg_frag: "fills the write queue of a connection from pages of the socket's own",
  ah_input: SUMMED,
  'ah_input (async)': SUMMED,
  ah_output: SUMMED,
  'ah_output (async)': SUMMED,
  netif_receive_generic_xdp:
    'needs a program of BPF; pskb_expand_head and skb_linearize, which are played, are what it calls',
  skb_pp_cow_data: 'needs a page pool of the system; it copies, and frees what it was given',
  sk_msg_page_add: 'a message of a socket with TLS: no sk_buff before it is sent',
  'tls_do_encryption (async)': 'reads a message of a socket with TLS, and sends pages of its own',
  'tls_append_frag (TLS_TX_ZEROCOPY_RO)':
    'a record beside the write queue of a socket whose device does TLS: no sk_buff changes',
  tls_strp_msg_hold: 'skb_clone, which is played, of what waits at a socket with TLS',
  xsk_build_skb_zerocopy: UMEM,
  'xsk_build_skb_zerocopy (no NAPI)': UMEM,
  tcp_zerocopy_receive: 'maps pages into a process: no process in a script',
  'tcp_zerocopy_receive (guarded)': 'maps pages into a process: no process in a script',
  'ip_frag_reasm (chain)':
    'in no kernel of the lab (gone since 5.3); a fragment that does not go on in the first one is chained still, which defrag plays',
  esp6_output_tail: 'as esp_output_tail',
  esp_output_tail:
    'needs a security association, and an engine that is done later; skb_to_sgvec, which is played, is what it reads by',
  'packet_rcv (unreadable)': NETMEM,
  zerocopy_fill_skb_from_devmem: NETMEM,
  validate_xmit_unreadable_skb: NETMEM,
  xenvif_handle_frag_list: 'a driver of guests of Xen, which no lab has',
  gro_pull_from_frag0:
    'static; __pskb_pull_tail, which is played, takes bytes out of a frag in the same way',
  rxkad_verify_packet:
    'static, in a module behind a connection; skb_copy, which is played, is what it calls',
  esp_input: 'needs a security association; skb_cow_data, which is played, is what it calls',
};

/** Each with its reason. A row that is neither played nor has one is a mistake, and a test finds it. */
export function notCompared(): { readonly op: string; readonly reason: string }[] {
  const played = new Set(OPERATIONS.flatMap((op) => op.plays));
  return REGISTRY.map(({ id }) => id)
    .filter((id) => !played.has(id))
    .map((id) => ({
      op: id,
      reason: REASONS[id] ?? (/esp6?_input/.test(id) ? REASONS['esp_input']! : ''),
    }));
}
