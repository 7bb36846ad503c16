// What a place that moves entries has to do for their owner, by what the owner keeps there. A hook is a line of the
// kernel; a design's hooks and a patch's are told apart by it.
import type { Deed } from './flow.ts';

/** owner: a ubuf_info of the shared info. marker: the bit of shared frags. pool: pages of a pool. readable: device memory. */
export const HOOKS = ['owner', 'marker', 'pool', 'readable'] as const;
export type Hook = (typeof HOOKS)[number];

interface HookWords {
  /** Calls that are the hook. */
  readonly calls: RegExp;
  /** Stores and conditions that are. */
  readonly text: RegExp;
}

export const HOOK_WORDS: Readonly<Record<Hook, HookWords>> = {
  owner: {
    calls:
      /^(?:skb_zerocopy_clone|skb_orphan_frags(?:_rx)?|skb_copy_ubufs|skb_zcopy(?:_set|_init|_set_nouarg)?|skb_zcopy_pure|skb_linearize(?:_cow)?|__skb_linearize|net_zcopy_get|skb_zcopy_get)$/,
    text: /\bdestructor_arg\b|\bskb_zcopy\s*\(/,
  },
  marker: {
    calls: /^(?:skb_has_shared_frag|skb_linearize(?:_cow)?|__skb_linearize|skb_cow_data)$/,
    text: /\bSKB(?:FL|TX)_SHARED_FRAG\b|\bSKBFL_ZEROCOPY_FRAG\b|\bskb_has_shared_frag\s*\(|(?:->|\.)flags\s*\|?=\s*skb_shinfo/,
  },
  pool: {
    calls:
      /^(?:skb_pp_frag_ref|skb_mark_for_recycle|page_pool_ref_\w+|napi_pp_get_page|is_pp_\w+)$/,
    text: /\bpp_recycle\b/,
  },
  readable: { calls: /^skb_frags_readable$/, text: /\bunreadable\b|\bskb_frags_readable\s*\(/ },
};

/** Does `deed` do what `hook` asks for? */
export function isHook(hook: Hook, deed: Deed): boolean {
  const { calls, text } = HOOK_WORDS[hook];
  if (deed.kind === 'call') return calls.test(deed.callee);
  return text.test(`${deed.lhs} ${deed.op} ${deed.rhs}`);
}
