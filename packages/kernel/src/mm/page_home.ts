// Where a page comes from and has to go back to. Its own kind of reference belongs to each: see owner.ts.

/** Which allocator a page belongs to. */
export const PageHome = {
  /** The general free list: whoever puts the last reference frees the page. */
  GENERAL: 0,
  /** A driver's pool, which counts its references itself. @kernel net/core/page_pool.c */
  POOL: 1,
  /** Another domain's memory under a frame number without memory of its own. @kernel drivers/xen/netback/netback.c */
  FOREIGN: 2,
  /** A slab, or the tail of a block that is no compound page: nobody counts. @kernel mm/slub.c */
  SLAB: 3,
  /** A process has it mapped, and somebody pinned it. @kernel mm/memory.c get_user_pages */
  USER: 4,
  /** Memory of a device, such as a file on DAX: its pages count from 1. @kernel include/linux/mm.h page_is_devmap_managed (5.10) */
  DEVMAP: 5,
} as const;
export type PageHome = (typeof PageHome)[keyof typeof PageHome];

/** Each home in a few words, by its number. */
export const HOME_NAMES = ['free list', 'page pool', 'guest', 'slab', 'process', 'device'] as const;
