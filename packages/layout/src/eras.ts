// The structs of each kernel that was read, and how it puts a data buffer together.
import type { Structs } from './ctype.ts';
import { PAGE_2_6_24, PAGE_2_6_28, PAGE_3_2, PAGE_3_8 } from './structs/page.ts';
import { PIPE_BUFFER } from './structs/pipe_buffer.ts';
import {
  SK_BUFF_2_6_24,
  SK_BUFF_2_6_28,
  SK_BUFF_2_6_32,
  SK_BUFF_3_0,
  SK_BUFF_3_2,
  SK_BUFF_3_8,
} from './structs/sk_buff.ts';
import {
  SHINFO_2_6_24,
  SHINFO_2_6_28,
  SHINFO_2_6_32,
  SHINFO_3_0,
  SHINFO_3_8,
  SKB_FRAG_BARE,
  SKB_FRAG_WRAPPED,
  UBUF_INFO_3_2,
  UBUF_INFO_3_8,
} from './structs/skb_shared_info.ts';
import { sock } from './structs/sock.ts';

/** One kernel. */
export interface LayoutEra {
  readonly id: string;
  /** From this year on, patches were written against it; null: it is nobody's, and has to be asked for. */
  readonly since: number | null;
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

export const LAYOUT_ERAS: readonly LayoutEra[] = [
  {
    id: '2.6.24',
    since: 2007,
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
    since: null,
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
    since: 2009,
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
    since: null,
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
    since: 2011,
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
    since: 2013,
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
];

/** Kernels that are laid out as the nearest one above, and what is not the same. */
export const NEAREST: Readonly<Record<string, { readonly era: string; readonly note: string }>> = {
  '2.6.38': { era: '3.0', note: 'whose shared info it has; its other structs were not compared' },
  '3.18': {
    era: '3.8',
    note: 'whose shared info it has in size (320 bytes); there sk_buff is 224 bytes and sock 640',
  },
  ...Object.fromEntries(
    ['4.14', '5.10.223', '6.1.192', 'debian-6.12.117', '7.2.13'].map((id) => [
      id,
      {
        era: '3.8',
        note: 'whose shared info takes as much of a buffer (320 bytes); its other structs were not compared',
      },
    ]),
  ),
};

/** Every name that `layoutEra` knows, oldest first. */
export function layoutEraIds(): string[] {
  const ids = [...LAYOUT_ERAS.map((e) => e.id), ...Object.keys(NEAREST)];
  return ids.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The kernel called `id`, or the one that stands for it; undefined for an unknown name. */
export function layoutEra(id: string): { era: LayoutEra; note: string | null } | undefined {
  const nearest = NEAREST[id];
  const era = LAYOUT_ERAS.find((e) => e.id === (nearest?.era ?? id));
  if (era === undefined) return undefined;
  return { era, note: nearest === undefined ? null : `laid out as ${era.id}, ${nearest.note}` };
}

/** The kernel that a patch of that year was written against. */
export function eraOfYear(year: number): LayoutEra {
  const own = LAYOUT_ERAS.filter((e) => e.since !== null && e.since <= year).at(-1);
  return own ?? LAYOUT_ERAS[0]!;
}
