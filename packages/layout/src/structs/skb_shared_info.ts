// struct skb_shared_info and the fragments in it, include/linux/skbuff.h. dma_addr_t has 64 bits; CONFIG_HAS_DMA is on,
// as on every x86-64.
import {
  array,
  atomic,
  bits,
  fn,
  ktime,
  member,
  named,
  oneOf,
  ptr,
  struct,
  u16,
  u32,
  u64,
  u8,
  ulong,
  union,
  unsigned,
  type Aggregate,
  type Member,
} from '../ctype.ts';

const OFFSET_SIZE = u32('page_offset', 'size');

/** skb_frag_t up to 3.1. */
export const SKB_FRAG_BARE = struct(ptr('struct page', 'page'), OFFSET_SIZE);

/** From 3.2 on the page pointer has a struct of its own, so that a frag's page is copied as a whole. */
export const SKB_FRAG_WRAPPED = struct(
  member(struct(ptr('struct page', 'p')), 'page'),
  OFFSET_SIZE,
);

/** The struct that 3.1 gave to zero-copy drivers; the shared info points to it. */
export const UBUF_INFO_3_2 = struct(fn('callback'), ptr('void', 'arg'), ulong('desc'));
export const UBUF_INFO_3_8 = struct(fn('callback'), ptr('void', 'ctx'), ulong('desc'));

/** 64 KiB of payload in 4 KiB pages, and how many more. */
const frags = (more: 1 | 2): Member[] => array(65536 / 4096 + more, named('skb_frag_t', 'frags'));
const FRAG_LIST = ptr('struct sk_buff', 'frag_list');
const GSO = u16('gso_size', 'gso_segs', 'gso_type');
const HWTSTAMPS = member(struct(ktime('hwtstamp', 'syststamp')), 'hwtstamps');

export const SHINFO_2_6_24 = struct(
  atomic('dataref'),
  u16('nr_frags'),
  GSO,
  u32('ip6_frag_id'),
  FRAG_LIST,
  frags(2),
);

export const SHINFO_2_6_28 = struct(
  atomic('dataref'),
  u16('nr_frags'),
  GSO,
  u32('ip6_frag_id'),
  unsigned('num_dma_maps'),
  FRAG_LIST,
  frags(2),
  array(19, u64('dma_maps')),
);

export const SHINFO_2_6_32 = struct(
  atomic('dataref'),
  u16('nr_frags', 'gso_size'),
  u64('dma_head'),
  u16('gso_segs', 'gso_type'),
  u32('ip6_frag_id'),
  member(
    union(member(struct(bits(u8, { hardware: 1, software: 1, in_progress: 1 }))), u8('flags')),
    'tx_flags',
  ),
  FRAG_LIST,
  HWTSTAMPS,
  frags(2),
  array(18, u64('dma_maps')),
  ptr('void', 'destructor_arg'),
);

/** 2.6.37 to 3.2. */
export const SHINFO_3_0 = struct(
  u16('nr_frags'),
  GSO,
  u32('ip6_frag_id'),
  u8('tx_flags'),
  FRAG_LIST,
  HWTSTAMPS,
  atomic('dataref'),
  ptr('void', 'destructor_arg'),
  frags(2),
);

export const SHINFO_3_8 = struct(
  u8('nr_frags', 'tx_flags'),
  GSO,
  FRAG_LIST,
  HWTSTAMPS,
  u32('ip6_frag_id'),
  atomic('dataref'),
  ptr('void', 'destructor_arg'),
  frags(1),
);

/** The entry was struct bio_vec from 5.4 to 6.8. */
export const SKB_FRAG_BIO_VEC = struct(
  ptr('struct page', 'bv_page'),
  unsigned('bv_len', 'bv_offset'),
);

/** A page, or memory of a device. */
export const SKB_FRAG_NETMEM = struct(ulong('netmem'), unsigned('len', 'offset'));

/** What the records of a stack of users keep: which pages of a user are pinned. */
const MMPIN = member(struct(ptr('struct user_struct', 'user'), unsigned('num_pg')), 'mmp');

export const UBUF_INFO_5_10 = struct(
  fn('callback'),
  oneOf(
    member(struct(ulong('desc'), ptr('void', 'ctx'))),
    member(struct(u32('id'), u16('len'), bits(u16, { zerocopy: 1 }), u32('bytelen'))),
  ),
  atomic('refcnt'),
  MMPIN,
);
/** From 6.0 on, what only MSG_ZEROCOPY needs is behind it, in struct ubuf_info_msgzc. */
export const UBUF_INFO_6_1 = struct(fn('callback'), atomic('refcnt'), u8('flags'));
export const UBUF_INFO_6_12 = struct(
  ptr('const struct ubuf_info_ops', 'ops'),
  atomic('refcnt'),
  u8('flags'),
);

const STAMPS = member(struct(ktime('hwtstamp')), 'hwtstamps');

function from510(
  first: string,
  stamps: readonly Member[],
  behindDataref: readonly Member[],
): Aggregate {
  return struct(
    u8(first, 'meta_len', 'nr_frags', 'tx_flags'),
    u16('gso_size', 'gso_segs'),
    FRAG_LIST,
    stamps,
    unsigned('gso_type'),
    u32('tskey'),
    atomic('dataref'),
    behindDataref,
    frags(1),
  );
}

const ARG = ptr('void', 'destructor_arg');
/** What AF_XDP keeps where the time stamps are. */
const OR_XSK = oneOf(STAMPS, member(struct(u64('tx_timestamp')), 'xsk_meta'));
export const SHINFO_5_10 = from510('__unused', STAMPS, ARG);
export const SHINFO_6_1 = from510('flags', STAMPS, [...unsigned('xdp_frags_size'), ...ARG]);
export const SHINFO_6_12 = from510('flags', OR_XSK, [...unsigned('xdp_frags_size'), ...ARG]);
export const SHINFO_7_2 = from510(
  'flags',
  OR_XSK,
  oneOf(member(struct(u32('xdp_frags_size', 'xdp_frags_truesize'))), ARG),
);
