// What a function can do to a fragment, and the words of the kernel by which it is known. One table: a release that
// brings a new word is a line here.

/** Most dangerous first: of several, a function is named by the first. */
export const KINDS = ['write-in-place', 'move', 'share', 'take', 'copy', 'drop', 'record'] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  'write-in-place': "writes over a packet's bytes, which may be pages of somebody else",
  move: 'entries, or whole packets of a frag_list, go from one place to another, or are cut',
  share: 'a second shared info, clone or table of pages refers to the same pages',
  take: 'puts a page into an entry, or takes a reference to one',
  copy: "reads a fragment's bytes through a mapping, or has private copies made",
  drop: 'gives a reference back',
  record:
    "reads or writes an owner's record: ubuf_info, flags of the shared info, marks of a page pool",
};

/** Calls that are always of one kind, by name. */
const CALLS: readonly (readonly [Kind, RegExp])[] = [
  ['take', /^(?:__)?skb_frag_ref$/],
  ['take', /^(?:__)?skb_fill_(?:page|netmem)_desc(?:_noacc)?$/],
  ['take', /^(?:__)?skb_frag_(?:set_page|fill_page_desc|fill_netmem_desc|set_netmem)$/],
  ['take', /^skb_(?:add|coalesce)_rx_frag(?:_netmem)?$/],
  ['take', /^(?:skb_append_pagefrags|skb_splice_from_iter|skb_zerocopy_iter_\w+|skb_pp_frag_ref)$/],
  ['take', /^(?:__)?zerocopy_sg_from_iter$|^zerocopy_fill_skb_from_iter$/],
  ['take', /^sk_msg_page_add$|^xdp_buff_add_frag$|^__xdp_buff_add_frag$|^xsk_buff_add_frag$/],
  [
    'drop',
    /^(?:__)?(?:skb|napi)_frag_unref$|^skb_page_unref$|^skb_release_data$|^skb_drop_(?:frag)?list$/,
  ],
  [
    'drop',
    /^(?:skb_pp_recycle|napi_pp_put_page|skb_free_frag_list|kfree_skb_partial|xdp_return_frag|__xdp_return)$/,
  ],
  ['move', /^skb_frag_list_init$|^skb_frag_add_head$/],
  ['move', /^skb_frag_(?:off_add|off_set|off_copy|size_sub|size_add|size_set|page_copy)$/],
  ['share', /^skb_clone_fraglist$/],
  [
    'copy',
    /^skb_copy_ubufs$|^skb_frag_foreach_page$|^skb_frag_address(?:_safe)?$|^skb_frag_kmap\w*$|^kmap_skb_frag$/,
  ],
  ['write-in-place', /^skb_cow_data(?:_for_xdp)?$|^skb_store_bits$/],
  [
    'record',
    /^(?:__)?skb_zcopy\w*$|^skb_uarg$|^net_zcopy_\w+$|^msg_zerocopy_\w+$|^sock_zerocopy_\w+$|^mm_(?:un)?account_pinned_pages$/,
  ],
  [
    'record',
    /^skb_zerocopy_(?:clone|clear|set)\w*$|^skb_orphan_frags(?:_rx)?$|^skb_has_shared_frag$|^skb_tx_error$/,
  ],
  [
    'record',
    /^skb_mark_for_recycle$|^skb_copy_hash_zerocopy$|^skb_init_unref$|^io_tx_ubuf_\w+$|^\w*_zerocopy_callback$|^skb_frags_readable$/,
  ],
];

export function kindOfCall(callee: string): Kind | null {
  return CALLS.find(([, words]) => words.test(callee))?.[0] ?? null;
}

/** Words in what is stored, asked or passed that are an owner's record. */
export const RECORD =
  /\bSKBFL_\w+|\bSKBTX_(?:SHARED_FRAG|DEV_ZEROCOPY|ZEROCOPY_FRAG|MANAGED\w*)|(?:->|\.)destructor_arg\b|(?:->|\.)pp_recycle\b|\bubuf_info\b|\b(?:uarg|ubuf|ubufs)->|(?:->|\.)(?:msg_ubuf|uarg)\b|(?:->|\.)unreadable\b/;

/** Lets go of a page: of a fragment, if that is what it is given. */
export const PUTS_PAGE =
  /^(?:put_page|folio_put|__free_pages?|free_page|page_frag_free|put_netmem|page_pool_put\w*|page_pool_recycle\w*|page_pool_free_va|release_pages|unpin_user_page\w*)$/;
/** Takes one. */
export const GETS_PAGE =
  /^(?:get_page|folio_get|page_ref_inc|page_ref_add|get_netmem|page_pool_ref_\w+|try_get_page)$/;
/** Gets at the bytes of a page. */
export const MAPS_PAGE =
  /^(?:kmap\w*|page_address|page_to_virt|memcpy_(?:from|to)_page|copy_page_(?:to|from)_iter\w*|copy_highpage|copy_user_highpage)$/;
/** Puts a page into a table of another kind. */
export const TABLES_PAGE =
  /^(?:sg_set_page|bvec_set_page|add_to_pipe|spd_fill_page|sg_set_buf|vm_insert_pages?\w*|spd_\w+)$/;
export const COPIES_BYTES = /^(?:__)?(?:builtin_)?mem(?:cpy|move)$/;

/** The whole packet as a table of pages. */
export const TO_TABLE = /^(?:__)?skb_to_sgvec(?:_nomark)?$/;
/** What works in place on such a table. */
export const CRYPTS =
  /^crypto_\w*(?:en|de)crypt$|^\w+_(?:en|de)crypt_sg\w*$|^chacha20poly1305_(?:en|de)crypt_sg_inplace$/;
/** A device gets at it: not followed, it keeps the packet until it is done. */
export const MAPS_FOR_DEVICE =
  /^(?:skb_frag_)?dma_map\w*$|^dma_sync_single_for_device$|^pci_map_\w+$/;
