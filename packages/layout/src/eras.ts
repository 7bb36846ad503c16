// The structs of each kernel that was read, and how it puts a data buffer together.
import type { AddedField } from './added.ts';
import type { Structs } from './ctype.ts';
import {
  PAGE_2_6_24,
  PAGE_2_6_28,
  PAGE_3_2,
  PAGE_3_8,
  PAGE_5_10,
  PAGE_6_1,
  PAGE_6_12,
  PAGE_7_2,
} from './structs/page.ts';
import { ERAS, eraOf, isBefore, treeCalled, treeOf } from '@lastref/kernel';
import { PIPE_BUFFER } from './structs/pipe_buffer.ts';
import {
  SK_BUFF_2_6_24,
  SK_BUFF_2_6_28,
  SK_BUFF_2_6_32,
  SK_BUFF_3_0,
  SK_BUFF_3_2,
  SK_BUFF_3_8,
  SK_BUFF_5_10,
  SK_BUFF_6_1,
  SK_BUFF_6_12,
} from './structs/sk_buff.ts';
import {
  SHINFO_2_6_24,
  SHINFO_2_6_28,
  SHINFO_2_6_32,
  SHINFO_3_0,
  SHINFO_3_8,
  SHINFO_5_10,
  SHINFO_6_1,
  SHINFO_6_12,
  SHINFO_7_2,
  SKB_FRAG_BARE,
  SKB_FRAG_BIO_VEC,
  SKB_FRAG_NETMEM,
  SKB_FRAG_WRAPPED,
  UBUF_INFO_3_2,
  UBUF_INFO_3_8,
  UBUF_INFO_5_10,
  UBUF_INFO_6_1,
  UBUF_INFO_6_12,
} from './structs/skb_shared_info.ts';
import { SOCK_5_10, SOCK_6_1, SOCK_6_12, SOCK_7_2, sock } from './structs/sock.ts';

/** One kernel. */
export interface LayoutEra {
  readonly id: string;
  /** Its structs by name; `skb_frag_t` stands for struct skb_frag_struct. */
  readonly structs: Structs;
  /** __alloc_skb rounds the shared info up to whole cache lines (3.2 on). */
  readonly shinfoAligned: boolean;
  /** Room that __netdev_alloc_skb leaves in front. */
  readonly netSkbPad: number;
  /** Bytes that put the IP header on a word; 0 on x86 in 3.0 and later. */
  readonly netIpAlign: number;
  /** __netdev_alloc_skb cuts buffers of atomic callers from a chunk of pages if they fit in one page (3.8). */
  readonly pageFrags: boolean;
  /** Biggest request that a kmalloc cache serves; above it, whole pages. @kernel include/linux/slub_def.h */
  readonly kmallocMax: number;
}

/** How a buffer is put together from 3.8 on. */
const MODERN = {
  shinfoAligned: true,
  netSkbPad: 64,
  netIpAlign: 0,
  pageFrags: true,
  kmallocMax: 8192,
};

export const LAYOUT_ERAS: readonly LayoutEra[] = [
  {
    id: '2.6.24',
    structs: {
      sk_buff: SK_BUFF_2_6_24,
      skb_shared_info: SHINFO_2_6_24,
      skb_frag_t: SKB_FRAG_BARE,
      page: PAGE_2_6_24,
      sock: sock(488),
      pipe_buffer: PIPE_BUFFER,
    },
    shinfoAligned: false,
    netSkbPad: 16,
    netIpAlign: 2,
    pageFrags: false,
    kmallocMax: 2048,
  },
  {
    id: '2.6.28',
    structs: {
      sk_buff: SK_BUFF_2_6_28,
      skb_shared_info: SHINFO_2_6_28,
      skb_frag_t: SKB_FRAG_BARE,
      page: PAGE_2_6_28,
      sock: sock(512),
      pipe_buffer: PIPE_BUFFER,
    },
    shinfoAligned: false,
    netSkbPad: 16,
    netIpAlign: 2,
    pageFrags: false,
    kmallocMax: 4096,
  },
  {
    id: '2.6.32',
    structs: {
      sk_buff: SK_BUFF_2_6_32,
      skb_shared_info: SHINFO_2_6_32,
      skb_frag_t: SKB_FRAG_BARE,
      page: PAGE_2_6_28,
      sock: sock(512),
      pipe_buffer: PIPE_BUFFER,
    },
    shinfoAligned: false,
    netSkbPad: 32,
    netIpAlign: 2,
    pageFrags: false,
    kmallocMax: 8192,
  },
  {
    id: '3.0',
    structs: {
      sk_buff: SK_BUFF_3_0,
      skb_shared_info: SHINFO_3_0,
      skb_frag_t: SKB_FRAG_BARE,
      page: PAGE_2_6_28,
      sock: sock(544),
      pipe_buffer: PIPE_BUFFER,
    },
    shinfoAligned: false,
    netSkbPad: 64,
    netIpAlign: 0,
    pageFrags: false,
    kmallocMax: 8192,
  },
  {
    id: '3.2',
    structs: {
      sk_buff: SK_BUFF_3_2,
      skb_shared_info: SHINFO_3_0,
      skb_frag_t: SKB_FRAG_WRAPPED,
      page: PAGE_3_2,
      sock: sock(544),
      pipe_buffer: PIPE_BUFFER,
      ubuf_info: UBUF_INFO_3_2,
    },
    shinfoAligned: true,
    netSkbPad: 64,
    netIpAlign: 0,
    pageFrags: false,
    kmallocMax: 8192,
  },
  {
    id: '3.8',
    structs: {
      sk_buff: SK_BUFF_3_8,
      skb_shared_info: SHINFO_3_8,
      skb_frag_t: SKB_FRAG_WRAPPED,
      page: PAGE_3_8,
      sock: sock(584),
      pipe_buffer: PIPE_BUFFER,
      ubuf_info: UBUF_INFO_3_8,
    },
    shinfoAligned: true,
    netSkbPad: 64,
    netIpAlign: 0,
    pageFrags: true,
    kmallocMax: 8192,
  },
  {
    id: '5.10.223',
    structs: {
      sk_buff: SK_BUFF_5_10,
      skb_shared_info: SHINFO_5_10,
      skb_frag_t: SKB_FRAG_BIO_VEC,
      page: PAGE_5_10,
      sock: SOCK_5_10,
      pipe_buffer: PIPE_BUFFER,
      ubuf_info: UBUF_INFO_5_10,
    },
    ...MODERN,
  },
  {
    id: '6.1.192',
    structs: {
      sk_buff: SK_BUFF_6_1,
      skb_shared_info: SHINFO_6_1,
      skb_frag_t: SKB_FRAG_BIO_VEC,
      page: PAGE_6_1,
      sock: SOCK_6_1,
      pipe_buffer: PIPE_BUFFER,
      ubuf_info: UBUF_INFO_6_1,
    },
    ...MODERN,
  },
  {
    id: 'debian-6.12.117',
    structs: {
      sk_buff: SK_BUFF_6_12,
      skb_shared_info: SHINFO_6_12,
      skb_frag_t: SKB_FRAG_NETMEM,
      page: PAGE_6_12,
      sock: SOCK_6_12,
      pipe_buffer: PIPE_BUFFER,
      ubuf_info: UBUF_INFO_6_12,
    },
    ...MODERN,
  },
  {
    id: '7.2.13',
    structs: {
      sk_buff: SK_BUFF_6_12,
      skb_shared_info: SHINFO_7_2,
      skb_frag_t: SKB_FRAG_NETMEM,
      page: PAGE_7_2,
      sock: SOCK_7_2,
      pipe_buffer: PIPE_BUFFER,
      ubuf_info: UBUF_INFO_6_12,
    },
    ...MODERN,
  },
];

/** What is known of a tree that is laid out as an older one. */
const NOTES: Readonly<Record<string, string>> = {
  '2.6.38': 'whose shared info it has; its other structs were not compared',
  '3.18': 'whose shared info it has in size (320 bytes); there sk_buff is 224 bytes and sock 640',
};

/** Of the fields of a design, those that the structs of `era` have not. */
export function addedTo(era: LayoutEra, adds: readonly AddedField[]): AddedField[] {
  const { mainline } = treeOf(era.id);
  return adds.filter(({ merged }) => merged === undefined || isBefore(mainline, merged));
}

/** 3.0 and 2.6.38 differ in number alone. */
const SAME: Readonly<Record<string, string>> = { '2.6.38': '3.0' };

/** Every tree that `layoutEra` knows, oldest first: those above, and all that the machine behaves like. */
export function layoutEraIds(): string[] {
  const ids = new Set([...LAYOUT_ERAS.map((e) => e.id), ...ERAS.map((e) => e.id)]);
  return [...ids].sort((a, b) => {
    const [first, second] = [treeOf(a).mainline, treeOf(b).mainline];
    return isBefore(first, second) ? -1 : isBefore(second, first) ? 1 : 0;
  });
}

/**
 * The kernel called `id`, or, for one that was not laid out, the nearest older one, with a note; undefined for an
 * unknown name. The name of a branch stands for its newest tree.
 */
export function layoutEra(id: string): { era: LayoutEra; note: string | null } | undefined {
  const name = LAYOUT_ERAS.some((e) => e.id === id) ? id : eraOf(id)?.id;
  if (name === undefined) return undefined;
  const own = LAYOUT_ERAS.find((e) => e.id === name);
  if (own !== undefined) return { era: own, note: null };
  const { mainline } = treeCalled(name); // of a kernel with one change more or less, too
  const era =
    LAYOUT_ERAS.find((e) => e.id === SAME[name]) ??
    LAYOUT_ERAS.findLast((e) => !isBefore(mainline, treeOf(e.id).mainline)) ??
    LAYOUT_ERAS[0]!;
  return { era, note: `laid out as ${era.id}, ${NOTES[name] ?? 'the nearest that was compared'}` };
}
