// struct page, include/linux/mm_types.h: SMP, SLUB, CMPXCHG_DOUBLE where it exists, no debugging options, 256
// processors or more (below that, spinlock_t of 3.x has two bytes; no size here depends on it).
import {
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
