// struct sk_buff, include/linux/skbuff.h. Configuration: XFRM, NF_CONNTRACK with defragmentation, BRIDGE_NETFILTER,
// NET_SCHED with NET_CLS_ACT, NET_DMA, NETWORK_SECMARK and IPV6_NDISC_NODETYPE on; NETDEVICES_MULTIQUEUE (2.6.24) and
// MAC80211 (2.6.28) off.
import {
  aligned,
  array,
  atomic,
  bits,
  char,
  fn,
  int,
  ktime,
  member,
  oneOf,
  ptr,
  struct,
  u16,
  u32,
  u64,
  u8,
  ulong,
  unsigned,
  type Aggregate,
  type Member,
} from '../ctype.ts';

const LIST = ptr('struct sk_buff', 'next', 'prev');
const CB = array(48, char('cb'));
const LENGTHS = [...unsigned('len', 'data_len'), ...u16('mac_len', 'hdr_len')];
const CSUM = oneOf(u32('csum'), member(struct(u16('csum_start', 'csum_offset'))));
const FLAGS = bits(u8, { local_df: 1, cloned: 1, ip_summed: 2, nohdr: 1, nfctinfo: 3 });
const NETFILTER = [
  ...ptr('struct nf_conntrack', 'nfct'),
  ...ptr('struct sk_buff', 'nfct_reasm'),
  ...ptr('struct nf_bridge_info', 'nf_bridge'),
];
const SCHED = u16('tc_index', 'tc_verd');
const DMA_SECMARK = [...int('dma_cookie'), ...u32('secmark')];
/** sk_buff_data_t is an offset on 64-bit machines (NET_SKBUFF_DATA_USES_OFFSET). */
const HEADERS = unsigned('transport_header', 'network_header', 'mac_header', 'tail', 'end');
const TAIL = [...ptr('unsigned char', 'head', 'data'), ...unsigned('truesize'), ...atomic('users')];

/** pkt_type to nf_trace; `peeked` came with 2.6.25. */
function packetFlags(peeked: boolean): Member[] {
  return bits(u8, {
    pkt_type: 3,
    fclone: 2,
    ipvs_property: 1,
    ...(peeked ? { peeked: 1 } : {}),
    nf_trace: 1,
  });
}

function upTo2632(
  dst: readonly Member[],
  flags: readonly Member[],
  tail: readonly Member[],
): Aggregate {
  return struct(
    LIST,
    ptr('struct sock', 'sk'),
    ktime('tstamp'),
    ptr('struct net_device', 'dev'),
    dst,
    ptr('struct sec_path', 'sp'),
    CB,
    LENGTHS,
    CSUM,
    u32('priority'),
    FLAGS,
    flags,
    fn('destructor'),
    NETFILTER,
    int('iif'),
    tail,
    HEADERS,
    TAIL,
  );
}

export const SK_BUFF_2_6_24 = upTo2632(
  ptr('struct dst_entry', 'dst'),
  [...packetFlags(false), ...u16('protocol')],
  [...SCHED, ...DMA_SECMARK, ...u32('mark')],
);

export const SK_BUFF_2_6_28 = upTo2632(
  oneOf(ptr('struct dst_entry', 'dst'), ptr('struct rtable', 'rtable')),
  [...packetFlags(true), ...u16('protocol')],
  [
    ...u16('queue_mapping'),
    ...SCHED,
    ...bits(u8, { ndisc_nodetype: 2 }),
    ...DMA_SECMARK,
    ...u32('mark'),
    ...u16('vlan_tci'),
  ],
);

export const SK_BUFF_2_6_32 = upTo2632(
  ulong('_skb_dst'),
  [...packetFlags(true), ...bits(u16, { protocol: 16 })],
  [
    ...SCHED,
    ...bits(u16, { queue_mapping: 16 }),
    ...bits(u8, { ndisc_nodetype: 2 }),
    ...DMA_SECMARK,
    ...u32('mark'),
    ...u16('vlan_tci'),
  ],
);

function from30(tail: readonly Member[]): Aggregate {
  return struct(
    LIST,
    ktime('tstamp'),
    ptr('struct sock', 'sk'),
    ptr('struct net_device', 'dev'),
    aligned(8, CB),
    ulong('_skb_refdst'),
    ptr('struct sec_path', 'sp'),
    LENGTHS,
    CSUM,
    u32('priority'),
    FLAGS,
    packetFlags(true),
    u16('protocol'),
    fn('destructor'),
    NETFILTER,
    int('skb_iif'),
    tail,
    HEADERS,
    TAIL,
  );
}

function upTo32(flags: Readonly<Record<string, number>>): Aggregate {
  return from30([
    ...SCHED,
    ...u32('rxhash'),
    ...u16('queue_mapping'),
    ...bits(u8, flags),
    ...DMA_SECMARK,
    ...oneOf(u32('mark'), u32('dropcount')),
    ...u16('vlan_tci'),
  ]);
}

export const SK_BUFF_3_0 = upTo32({ ndisc_nodetype: 2, ooo_okay: 1 });

export const SK_BUFF_3_2 = upTo32({ ndisc_nodetype: 2, ooo_okay: 1, l4_rxhash: 1 });

export const SK_BUFF_3_8 = from30([
  ...u32('rxhash'),
  ...u16('vlan_tci'),
  ...SCHED,
  ...u16('queue_mapping'),
  ...bits(u8, {
    ndisc_nodetype: 2,
    pfmemalloc: 1,
    ooo_okay: 1,
    l4_rxhash: 1,
    wifi_acked_valid: 1,
    wifi_acked: 1,
    no_fcs: 1,
    head_frag: 1,
    encapsulation: 1,
  }),
  ...DMA_SECMARK,
  ...oneOf(u32('mark'), u32('dropcount'), u32('reserved_tailroom')),
  ...unsigned('inner_transport_header', 'inner_network_header'),
]);

/** struct list_head. */
const list = (name: string): Member[] =>
  member(struct(ptr('struct list_head', 'next', 'prev')), name);

const QUEUED = oneOf(
  member(struct(LIST, oneOf(ptr('struct net_device', 'dev'), ulong('dev_scratch')))),
  member(struct(array(3, ulong('words'))), 'rbnode'),
  list('list'),
);
const STAMP = oneOf(ktime('tstamp'), u64('skb_mstamp_ns'));
const DST = [
  ...member(struct(ulong('_skb_refdst'), fn('destructor'))),
  ...list('tcp_tsorted_anchor'),
];
const OWN = { cloned: 1, nohdr: 1, fclone: 2, peeked: 1, head_frag: 1, pfmemalloc: 1 };
const CHECKSUM = oneOf(u32('csum'), member(struct(u16('csum_start', 'csum_offset'))));
const VLAN = u16('vlan_proto', 'vlan_tci');
const NAPI = oneOf(unsigned('napi_id'), unsigned('sender_cpu'));
/** secmark to mac_header. */
const INNER = [
  ...u32('secmark'),
  ...oneOf(u32('mark'), u32('reserved_tailroom')),
  ...oneOf(u16('inner_protocol'), u8('inner_ipproto')),
  ...u16('inner_transport_header', 'inner_network_header', 'inner_mac_header', 'protocol'),
  ...u16('transport_header', 'network_header', 'mac_header'),
];

/** From the first member to active_extensions. */
function beginning(
  queued: readonly Member[],
  sk: readonly Member[],
  dst: readonly Member[],
  own: Readonly<Record<string, number>>,
): Member[] {
  return [
    ...queued,
    ...sk,
    ...STAMP,
    ...aligned(8, CB),
    ...oneOf(dst),
    ...ulong('_nfct'),
    ...LENGTHS,
    ...u16('queue_mapping'),
    ...bits(u8, own),
    ...u8('active_extensions'),
  ];
}

const ENDING = [...unsigned('tail', 'end'), ...TAIL, ...ptr('struct skb_ext', 'extensions')];

export const SK_BUFF_5_10 = struct(
  beginning(QUEUED, oneOf(ptr('struct sock', 'sk'), int('ip_defrag_offset')), DST, OWN),
  bits(u8, {
    pkt_type: 3,
    ignore_df: 1,
    nf_trace: 1,
    ip_summed: 2,
    ooo_okay: 1,
    l4_hash: 1,
    sw_hash: 1,
    wifi_acked_valid: 1,
    wifi_acked: 1,
    no_fcs: 1,
    encapsulation: 1,
    encap_hdr_csum: 1,
    csum_valid: 1,
    vlan_present: 1,
    csum_complete_sw: 1,
    csum_level: 2,
    csum_not_inet: 1,
    dst_pending_confirm: 1,
    ndisc_nodetype: 2,
    ipvs_property: 1,
    inner_protocol_type: 1,
    remcsum_offload: 1,
    tc_skip_classify: 1,
    tc_at_ingress: 1,
    redirected: 1,
    from_ingress: 1,
    scm_io_uring: 1,
  }),
  u16('tc_index'),
  CHECKSUM,
  u32('priority'),
  int('skb_iif'),
  u32('hash'),
  VLAN,
  NAPI,
  INNER,
  ENDING,
);

/** From 6.1 on, pp_recycle stands beside cloned; pkt_type to mac_header have a second name as a whole, `headers`. */
function from61(...group: (readonly Member[])[]): Aggregate {
  const { members } = QUEUED[0]!.type as Aggregate;
  return struct(
    beginning(
      oneOf(members, member(struct(ptr('struct llist_node', 'next')), 'll_node')),
      ptr('struct sock', 'sk'),
      [...DST, ...ulong('_sk_redir')],
      { ...OWN, pp_recycle: 1 },
    ),
    ...group,
    ENDING,
  );
}

export const SK_BUFF_6_1 = from61(
  bits(u8, {
    pkt_type: 3,
    ignore_df: 1,
    nf_trace: 1,
    ip_summed: 2,
    ooo_okay: 1,
    l4_hash: 1,
    sw_hash: 1,
    wifi_acked_valid: 1,
    wifi_acked: 1,
    no_fcs: 1,
    encapsulation: 1,
    encap_hdr_csum: 1,
    csum_valid: 1,
    vlan_present: 1,
    csum_complete_sw: 1,
    csum_level: 2,
    dst_pending_confirm: 1,
    mono_delivery_time: 1,
    tc_skip_classify: 1,
    tc_at_ingress: 1,
    ndisc_nodetype: 2,
    ipvs_property: 1,
    inner_protocol_type: 1,
    remcsum_offload: 1,
    redirected: 1,
    from_ingress: 1,
    nf_skip_egress: 1,
    decrypted: 1,
    slow_gro: 1,
    csum_not_inet: 1,
    scm_io_uring: 1,
  }),
  u16('tc_index'),
  CHECKSUM,
  u32('priority'),
  int('skb_iif'),
  u32('hash'),
  VLAN,
  NAPI,
  u16('alloc_cpu'),
  INNER,
);

/** The same in 6.12 and 7.2. */
export const SK_BUFF_6_12 = from61(
  bits(u8, {
    pkt_type: 3,
    ignore_df: 1,
    dst_pending_confirm: 1,
    ip_summed: 2,
    ooo_okay: 1,
    tstamp_type: 2,
    tc_at_ingress: 1,
    tc_skip_classify: 1,
    remcsum_offload: 1,
    csum_complete_sw: 1,
    csum_level: 2,
    inner_protocol_type: 1,
    l4_hash: 1,
    sw_hash: 1,
    no_fcs: 1,
    encapsulation: 1,
    encap_hdr_csum: 1,
    csum_valid: 1,
    '': 1,
    ndisc_nodetype: 2,
    ipvs_property: 1,
    nf_trace: 1,
    redirected: 1,
    from_ingress: 1,
    nf_skip_egress: 1,
    decrypted: 1,
    slow_gro: 1,
    csum_not_inet: 1,
    unreadable: 1,
    tc_depth: 2,
  }),
  u16('tc_index', 'alloc_cpu'),
  CHECKSUM,
  u32('priority'),
  int('skb_iif'),
  u32('hash'),
  oneOf(u32('vlan_all'), member(struct(VLAN))),
  NAPI,
  INNER,
);
