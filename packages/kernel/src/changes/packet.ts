// The packet itself: its head, its shared info, its frags, and what is cut from it.
import { at, type KnownChange } from './change.ts';

export const PACKET = {
  expandHeadKeepsPages: at(
    '2.6.37',
    'pskb_expand_head moves the page references where dataref says that the data has one owner',
    'net/core/skbuff.c of 2.6.37 and 2.6.38, not of 2.6.36',
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
    '4.11',
    '___pskb_trim condenses: a small rest is pulled from the pages into the head (skb without socket)',
    'commit c21b48cc1bbf; net/core/skbuff.c of 4.11, not of 4.9',
  ),
  smallHeads: at(
    '6.3',
    'heads of at most 640 bytes with the shared info come from skb_small_head_cache and end at 320',
    'commit bf9f1baa279f',
  ),
  headerReleaseStores: at(
    '3.18',
    'TCP gives up the header of a packet of its own by a store (__skb_header_release), not by a locked operation',
    'commit f4a775d14489; net/ipv4/tcp.c of 3.18, not of 3.17',
  ),
  fastCloneStores: at(
    '3.19',
    'a fast clone takes its reference on the pair by a store, and the original asks whether it is the last: one locked operation in place of three',
    'commit 6ffe75eb5356; net/core/skbuff.c skb_clone, kfree_skbmem: not in 3.18, in 3.19.8',
  ),
  lastDataReads: at(
    '6.9',
    'whoever is the last to have a data area reads its dataref in place of a locked operation (skb_data_unref)',
    'commit 1cface552a5b; include/linux/skbuff.h of 6.9, not of 6.8.1',
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
} as const satisfies Record<string, KnownChange>;
