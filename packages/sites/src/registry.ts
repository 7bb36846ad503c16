// The registry of operations beside a tree: which functions of the kernel each stands for, and whether a tree has what
// the registry says that it has.
import { inSpan, spanText, treeOf, type Tree } from '@lastref/kernel';
import { OPERATIONS, type Operation } from '@lastref/operations';
import type { Scan } from './scan.ts';

/** Functions in which an operation stands, where that is not the one of its own name; over all releases. */
const BODIES: Readonly<Record<string, readonly string[]>> = {
  skb_clone: ['skb_clone', '__skb_clone'],
  skb_morph: ['skb_morph'],
  pskb_copy: ['pskb_copy', '__pskb_copy', '__pskb_copy_fclone'],
  skb_cow: ['skb_cow', '__skb_cow', 'skb_cow_head'],
  skb_unclone: ['skb_unclone', 'skb_unclone_keeptruesize', '__skb_unclone_keeptruesize'],
  skb_linearize: ['skb_linearize', '__skb_linearize'],
  skb_split: ['skb_split', 'skb_split_no_header', 'skb_split_inside_header'],
  skb_splice_bits: ['skb_splice_bits', '__skb_splice_bits', '__splice_segment', 'spd_fill_page'],
  skb_to_sgvec: ['skb_to_sgvec', '__skb_to_sgvec', 'skb_to_sgvec_nomark'],
  kfree_skb: [
    'kfree_skb',
    'kfree_skb_reason',
    'sk_skb_reason_drop',
    '__kfree_skb',
    'skb_release_data',
  ],
  skb_orphan: ['skb_orphan'],
  skb_segment: ['skb_segment', 'skb_head_frag_to_page_desc'],
  skb_fill_page_desc: [
    'skb_fill_page_desc',
    '__skb_fill_page_desc',
    'skb_fill_netmem_desc',
    '__skb_fill_netmem_desc',
  ],
  skb_add_rx_frag: [
    'skb_add_rx_frag',
    'skb_add_rx_frag_netmem',
    'skb_coalesce_rx_frag',
    'skb_coalesce_rx_frag_netmem',
  ],
  skb_copy_datagram_iovec: [
    'skb_copy_datagram_iovec',
    'skb_copy_datagram_iter',
    '__skb_datagram_iter',
  ],
  skb_try_coalesce: ['skb_try_coalesce', 'kfree_skb_partial'],
  ip_fragment: [
    'ip_fragment',
    'ip_do_fragment',
    'ip_fraglist_init',
    'ip_fraglist_prepare',
    'ip_frag_next',
  ],
  ip_frag_reasm: ['ip_frag_reasm', 'inet_frag_reasm_prepare', 'inet_frag_reasm_finish'],
  skb_recycle_check: ['skb_recycle_check', 'skb_recycle'],
  nf_queue: ['nf_queue', '__nf_queue', 'nf_queue_entry_get_refs'],
  skb_tstamp_tx: ['skb_tstamp_tx', '__skb_tstamp_tx'],
  tcp_zerocopy_receive: [
    'tcp_zerocopy_receive',
    'can_map_frag',
    'skb_advance_to_frag',
    'tcp_zerocopy_vm_insert_batch',
  ],
  tpacket_snd: ['tpacket_snd', 'tpacket_fill_skb'],
  tcp_retrans_try_collapse: ['tcp_retrans_try_collapse', 'tcp_skb_can_collapse_to'],
  tcp_collapse_retrans: ['tcp_collapse_retrans'],
  tcp_collapse: ['tcp_collapse'],
  iptfs_skb_add_frags: ['iptfs_skb_add_frags', 'iptfs_skb_prepare_frag_walk'],
  esp_output_tail: ['esp_output_tail', 'esp_output_head', 'esp_ssg_unref'],
  unix_stream_sendmsg: ['unix_stream_sendmsg', 'skb_splice_from_iter', 'skb_append_pagefrags'],
  unix_stream_splice_read: ['unix_stream_splice_read', 'unix_stream_splice_actor'],
  virtio_transport_fill_skb: [
    'virtio_transport_fill_skb',
    'virtio_transport_alloc_skb',
    'virtio_transport_send_pkt_info',
  ],
  skb_send_sock: ['skb_send_sock', '__skb_send_sock', 'skb_send_sock_locked'],
  sk_psock_skb_ingress: [
    'sk_psock_skb_ingress',
    'sk_psock_skb_ingress_enqueue',
    'sk_psock_skb_ingress_self',
  ],
  bpf_tcp_ingress: ['bpf_tcp_ingress', 'tcp_bpf_sendpage'],
  sk_msg_page_add: ['sk_msg_page_add', 'tls_sw_do_sendpage', 'tls_sw_sendmsg_splice'],
  tls_do_encryption: [
    'tls_do_encryption',
    'tls_push_record',
    'tls_encrypt_done',
    'tls_tx_records',
    'tls_push_sg',
  ],
  tls_append_frag: ['tls_append_frag', 'tls_push_data', 'destroy_record'],
  xsk_build_skb_zerocopy: ['xsk_build_skb_zerocopy', 'xsk_build_skb'],
  __strp_recv: ['__strp_recv', 'alloc_skb_for_msg'],
  mptcp_sendmsg_frag: ['mptcp_sendmsg_frag', 'dfrag_clear', '__mptcp_clean_una'],
  kcm_write_msgs: ['kcm_write_msgs', 'kcm_sendmsg', 'kcm_sendpage'],
  ah_input: ['ah_input', 'ah6_input'],
  ah_output: ['ah_output', 'ah6_output'],
  netif_receive_generic_xdp: ['netif_receive_generic_xdp', 'netif_skb_check_for_xdp'],
  skb_pp_cow_data: ['skb_pp_cow_data', 'skb_cow_data_for_xdp'],
  esp6_output_tail: ['esp6_output_tail', 'esp6_output_head'],
  rxkad_verify_packet: ['rxkad_verify_packet', 'rxkad_verify_packet_1', 'rxkad_verify_packet_2'],
  tcp_sendmsg_locked: [
    'tcp_sendmsg_locked',
    'zerocopy_fill_skb_from_iter',
    '__zerocopy_sg_from_iter',
  ],
  __ip_append_data: ['__ip_append_data'],
  __ip6_append_data: ['__ip6_append_data'],
  macvlan_broadcast: ['macvlan_broadcast', 'macvlan_broadcast_enqueue'],
  tap_handle_frame: ['tap_handle_frame', 'macvtap_handle_frame', 'macvtap_forward'],
};

/** Rows that stand for no function of the kernel. */
const NO_FUNCTION: ReadonlySet<string> = new Set(['driver frag', 'unconverted code']);

/** `skb_gro_receive` of `skb_gro_receive (head_frag), esp_input`. */
function plain(id: string): string {
  return id.replace(/, esp_input$/, '').replace(/ \(.*\)$/, '');
}

export function bodiesOf(operation: Operation): readonly string[] {
  if (NO_FUNCTION.has(operation.id)) return [];
  const name = plain(operation.id);
  return BODIES[name] ?? [name];
}

const byFunction = new Map<string, Operation>();
for (const operation of OPERATIONS.filter((o) => !o.id.endsWith(', esp_input')))
  for (const name of bodiesOf(operation))
    if (!byFunction.has(name)) byFunction.set(name, operation);

/** The operation whose work stands in this function of the kernel, or null. */
export function operationOf(name: string): Operation | null {
  return byFunction.get(name) ?? null;
}

/** The function that goes by the name of the operation, or stands for it. */
export const OPERATION_NAMES: ReadonlySet<string> = new Set(byFunction.keys());

export interface Mismatch {
  readonly operation: string;
  /** What the registry says of it. */
  readonly says: string;
  readonly found: string;
}

/** Operations that the tree has and should not have, or should have and has not. */
export function mismatches(scan: Pick<Scan, 'known'>, name: string): Mismatch[] {
  const tree = treeOf(name);
  const names = new Set([...scan.known].map((k) => k.slice(k.indexOf(':') + 1)));
  return OPERATIONS.filter((o) => bodiesOf(o).length > 0 && !o.id.endsWith(', esp_input')).flatMap(
    (o) => mismatch(o, tree, names),
  );
}

function mismatch(operation: Operation, tree: Tree, names: ReadonlySet<string>): Mismatch[] {
  const there = bodiesOf(operation).filter((n) => names.has(n));
  const says = spanText(operation).trim() || 'is there';
  if (inSpan(tree, operation))
    return there.length > 0
      ? []
      : [{ operation: operation.id, says, found: `none of ${bodiesOf(operation).join(', ')}` }];
  // another way of the same function may live on: only a function of the operation's own name says something
  const livesOn = OPERATIONS.some(
    (o) => o !== operation && plain(o.id) === operation.id && inSpan(tree, o),
  );
  const own = operation.id === plain(operation.id) && names.has(operation.id) && !livesOn;
  return own ? [{ operation: operation.id, says, found: `${operation.id} is there` }] : [];
}
