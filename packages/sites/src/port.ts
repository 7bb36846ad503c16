// Where a design's hooks stand in a release: by the hooks that its class implements, and the sites that it names.
import { Site as SeamSite, type Design, type PageLifetime } from '@lastref/kernel';
import { isTest, ownPages } from './query.ts';
import type { Site } from './scan.ts';

export type SeamHook = keyof PageLifetime;

/** Functions of the kernel behind the sites of the seam. */
const AT_SITE: readonly (readonly [number, RegExp])[] = [
  [SeamSite.XMIT, /^(?:__)?tcp_transmit_skb$/],
  [
    SeamSite.TAP,
    /^(?:dev_queue_xmit_nit|__skb_tstamp_tx|deliver_skb|br_\w*(?:flood|deliver|forward)\w*|maybe_deliver\w*)$/,
  ],
  [SeamSite.PSKB_COPY, /^(?:__)?pskb_copy(?:_fclone)?$/],
  [SeamSite.EXPAND_HEAD, /^pskb_expand_head$/],
  [SeamSite.CARVE, /^pskb_carve_\w+$/],
  [SeamSite.SPLIT, /^skb_split(?:_\w+)?$/],
  [SeamSite.SEGMENT | SeamSite.SEGMENT_LIST | SeamSite.SEGMENT_FLAGS, /^skb_segment$/],
  [SeamSite.SHIFT, /^skb_shift$/],
  [SeamSite.COALESCE, /^skb_try_coalesce$/],
  [SeamSite.GRO, /^skb_gro_receive$/],
  [SeamSite.GRO_LIST, /^skb_gro_receive_list$/],
  [SeamSite.IPTFS_CONSUME, /^iptfs_consume_frags$/],
  [SeamSite.ZEROCOPY, /^skb_zerocopy$/],
  [SeamSite.PROBE, /^tcp_clone_payload$|^tcp_mtu_probe$/],
];

const demands = (site: Site, ...queries: readonly string[]): boolean =>
  site.demands.some((d) => queries.includes(d.query));
const does = (site: Site, ...kinds: readonly string[]): boolean =>
  site.kinds.some((k) => kinds.includes(k));

/** For each hook of the seam that stands at lines of the kernel: is this one of the functions that have such a line? */
const STANDS: Readonly<Partial<Record<SeamHook, (site: Site) => boolean>>> = {
  canAppend: (s) => demands(s, 'lend'),
  lend: (s) => demands(s, 'lend'),
  mayMerge: (s) => /can_coalesce/.test(s.name),
  merged: (s) => /append_pagefrags|can_coalesce/.test(s.name),
  mayMove: (s) => demands(s, 'transfer', 'chain'),
  clone: (s) => demands(s, 'transfer') || s.name.endsWith('clone'),
  adopt: (s) => demands(s, 'transfer', 'chain'),
  fragRef: (s) => does(s, 'share') || /frag_ref/.test(s.name),
  fragUnref: (s) => does(s, 'drop'),
  mayWriteFrags: (s) =>
    demands(s, 'write') || (does(s, 'write-in-place') && /store_bits|cow_data/.test(s.name)),
  orphanFrags: (s) => s.name.endsWith('orphan_frags') || demands(s, 'transfer'),
  orphanFragsRx: (s) =>
    /orphan_frags_rx/.test(s.name) || (s.seen['record'] ?? []).includes('skb_orphan_frags_rx'),
  pagesLeft: (s) => s.name === '__pskb_pull_tail',
  ubufsCopied: (s) => s.name === 'skb_copy_ubufs',
  zcopyClear: (s) => s.name === 'skb_release_data',
  dataFree: (s) => s.name === 'skb_release_data',
  charged: (s) => s.name === 'skb_set_owner_w',
  skbDestructor: (s) => /^skb_(?:orphan|release_head_state)$/.test(s.name),
};

/** Hooks that stand above the sk_buff layer, in a protocol or the page allocator. */
export function hooksElsewhere(hooks: readonly SeamHook[]): SeamHook[] {
  return hooks.filter((h) => STANDS[h] === undefined);
}

export interface PortRow {
  readonly site: Site;
  /** Hooks of the design that stand there. */
  readonly hooks: readonly SeamHook[];
  /** The design's card names the site; null: the card names none there, another function does such a thing. */
  readonly named: boolean | null;
}

/** The sites that a port of `design`, which implements `hooks`, has to look at. */
export function portOf(
  sites: readonly Site[],
  design: Pick<Design, 'hooks'>,
  hooks: readonly SeamHook[],
): PortRow[] {
  const stack = sites.filter((s) => !isTest(s) && !ownPages(s));
  return stack.flatMap((site) => {
    const here = hooks.filter((h) => STANDS[h]?.(site) === true);
    if (here.length === 0) return [];
    const bits = AT_SITE.find(([, names]) => names.test(site.name))?.[0];
    return [{ site, hooks: here, named: bits === undefined ? null : (design.hooks & bits) !== 0 }];
  });
}
