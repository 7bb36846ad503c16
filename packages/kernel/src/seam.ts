// What a design's file needs of the kernel, and nothing else: the interface, and the objects that its hooks are given.
// The API documentation is made from this list; a design imports it all from '@lastref/kernel'.
export * from './domain.ts';
export * from './lifetime.ts';
export * from './runtime.ts';
export * from './side-field.ts';
export type { Era } from './era.ts';
export { PageHome } from './mm/page_home.ts';
export { ownRefs } from './mm/owner.ts';
export { Page, PAGE_SIZE } from './mm/page_alloc.ts';
export type { SlabObject } from './mm/slab.ts';
export { Context } from './probe.ts';
export {
  Checksum,
  Destructor,
  Fclone,
  MAX_SKB_FRAGS,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  fragAt,
  skbCloned,
  skbHeaderCloned,
  skbHeadlen,
} from './net/core/skbuff.ts';
export { Sock } from './net/core/sock.ts';
