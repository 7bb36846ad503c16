// struct page, include/linux/mm_types.h: SMP, SLUB, CMPXCHG_DOUBLE where it exists, no debugging options, 256
// processors or more (below that, spinlock_t of 3.x has two bytes; no size here depends on it).
import {
  array,
  atomic,
  bits,
  bool,
  int,
  member,
  oneOf,
  ptr,
  spinlock,
  struct,
  u16,
  u8,
  ulong,
  unsigned,
  type Aggregate,
  type Member,
} from '../ctype.ts';

/** struct list_head. */
const list = (name: string): Member[] =>
  member(struct(ptr('struct list_head', 'next', 'prev')), name);

function upTo30(slub: readonly Member[]): Aggregate {
  return struct(
    ulong('flags'),
    atomic('_count'),
    oneOf(atomic('_mapcount'), slub),
    oneOf(
      member(struct(ulong('private'), ptr('struct address_space', 'mapping'))),
      spinlock('ptl'),
      ptr('struct kmem_cache', 'slab'),
      ptr('struct page', 'first_page'),
    ),
    oneOf(ulong('index'), ptr('void', 'freelist')),
    list('lru'),
  );
}

export const PAGE_2_6_24 = upTo30(unsigned('inuse'));
export const PAGE_2_6_28 = upTo30(member(struct(u16('inuse', 'objects'))));

const COUNTS = struct(bits(unsigned, { inuse: 16, objects: 15, frozen: 1 }));

function from32(
  index: readonly Member[],
  mapcount: readonly Member[],
  lru: readonly Member[],
  cache: string,
): Aggregate {
  return {
    ...struct(
      ulong('flags'),
      ptr('struct address_space', 'mapping'),
      member(
        struct(
          oneOf(ulong('index'), ptr('void', 'freelist'), index),
          oneOf(
            ulong('counters'),
            member(struct(oneOf(atomic('_mapcount'), member(COUNTS), mapcount), atomic('_count'))),
          ),
        ),
      ),
      oneOf(list('lru'), member(struct(ptr('struct page', 'next'), int('pages', 'pobjects'))), lru),
      oneOf(
        ulong('private'),
        spinlock('ptl'),
        ptr('struct kmem_cache', cache),
        ptr('struct page', 'first_page'),
      ),
    ),
    aligned: 16, // so that two words of it can be exchanged at once
  };
}

export const PAGE_3_2 = from32([], [], [], 'slab');
export const PAGE_3_8 = from32(
  bool('pfmemalloc'),
  int('units'),
  [...list('list'), ...ptr('struct slab', 'slab_page')],
  'slab_cache',
);

/** Words of one of the lives that a page can lead; a union of them has five words. */
const life = (...members: (readonly Member[])[]): Member[] => member(struct(...members));
const RCU = member(struct(array(2, ulong('words'))), 'callback_head');
const PAGE_TABLE = ptr('struct page', 'pmd_huge_pte');

export const PAGE_5_10: Aggregate = {
  ...struct(
    ulong('flags'),
    oneOf(
      life(list('lru'), ptr('struct address_space', 'mapping'), ulong('index', 'private')),
      life(array(2, ulong('dma_addr'))),
      life(
        oneOf(list('slab_list'), life(ptr('struct page', 'next'), int('pages', 'pobjects'))),
        ptr('struct kmem_cache', 'slab_cache'),
        ptr('void', 'freelist'),
        oneOf(ptr('void', 's_mem'), ulong('counters'), member(COUNTS)),
      ),
      life(
        ulong('compound_head'),
        u8('compound_dtor', 'compound_order'),
        atomic('compound_mapcount'),
        unsigned('compound_nr'),
      ),
      life(ulong('_compound_pad_1'), atomic('hpage_pinned_refcount'), list('deferred_list')),
      life(
        ulong('_pt_pad_1'),
        PAGE_TABLE,
        ulong('_pt_pad_2'),
        oneOf(ptr('struct mm_struct', 'pt_mm'), atomic('pt_frag_refcount')),
        spinlock('ptl'),
      ),
      life(ptr('struct dev_pagemap', 'pgmap'), ptr('void', 'zone_device_data')),
      RCU,
    ),
    oneOf(atomic('_mapcount'), unsigned('page_type'), unsigned('active'), int('units')),
    atomic('_refcount'),
    oneOf(ptr('struct mem_cgroup', 'mem_cgroup'), ptr('struct obj_cgroup *', 'obj_cgroups')),
  ),
  aligned: 16,
};

function from61(
  lru: readonly Member[],
  index: readonly Member[],
  pool: readonly Member[],
  others: readonly Member[],
): Aggregate {
  return {
    ...struct(
      ulong('flags'),
      oneOf(
        life(oneOf(lru), ptr('struct address_space', 'mapping'), index, ulong('private')),
        life(
          ulong('pp_magic'),
          ptr('struct page_pool', 'pp'),
          ulong('_pp_mapping_pad', 'dma_addr'),
          pool,
        ),
        others,
        RCU,
      ),
      oneOf(atomic('_mapcount'), unsigned('page_type')),
      atomic('_refcount'),
      ulong('memcg_data'),
    ),
    aligned: 16,
  };
}

const LISTS = [...list('lru'), ...list('buddy_list'), ...list('pcp_list')];
const UNEVICTABLE = [...LISTS, ...life(ptr('void', '__filler'), unsigned('mlock_count'))];

export const PAGE_6_1 = from61(
  UNEVICTABLE,
  ulong('index'),
  oneOf(ulong('dma_addr_upper'), ulong('pp_frag_count')),
  [
    ...life(
      ulong('compound_head'),
      u8('compound_dtor', 'compound_order'),
      atomic('compound_mapcount', 'compound_pincount'),
      unsigned('compound_nr'),
      ulong('_private_1'),
    ),
    ...life(ulong('_compound_pad_1', '_compound_pad_2'), list('deferred_list')),
    ...life(
      ulong('_pt_pad_1'),
      PAGE_TABLE,
      ulong('_pt_pad_2'),
      oneOf(ptr('struct mm_struct', 'pt_mm'), atomic('pt_frag_refcount'), atomic('pt_share_count')),
      spinlock('ptl'),
    ),
    ...life(ptr('struct dev_pagemap', 'pgmap'), ptr('void', 'zone_device_data')),
  ],
);

export const PAGE_6_12 = from61(
  UNEVICTABLE,
  oneOf(ulong('index'), ulong('share')),
  ulong('pp_ref_count'),
  [
    ...life(ulong('compound_head')),
    ...life(ptr('struct dev_pagemap', 'pgmap'), ptr('void', 'zone_device_data')),
  ],
);

export const PAGE_7_2 = from61(
  [...LISTS, ...member(struct(ptr('struct llist_node', 'next')), 'pcp_llist')],
  oneOf(ulong('__folio_index'), ulong('share')),
  ulong('pp_ref_count'),
  [
    ...life(ulong('compound_info')),
    ...life(ptr('void', '_unused_pgmap_compound_info', 'zone_device_data')),
  ],
);
