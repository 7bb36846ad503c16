// Every operation that takes, drops, copies or moves a fragment, as data: a matrix, a test battery or a report
// lists them from here and never forgets one.

export interface Mover {
  /** The kernel's name. */
  readonly id: string;
  readonly file: string;
  /** First and last kernel version that has it, as far as the trees we read tell; null: still there. */
  readonly since: string;
  readonly until: string | null;
  /** What happens to page references, in a few words. */
  readonly refs: string;
}

const SKBUFF = 'net/core/skbuff.c';
const TCP_OUTPUT = 'net/ipv4/tcp_output.c';

export const MOVERS: readonly Mover[] = [
  { id: 'skb_clone', file: SKBUFF, since: '2.6.12', until: null, refs: 'dataref +1, pages none' },
  { id: 'skb_copy', file: SKBUFF, since: '2.6.12', until: null, refs: 'none: the copy is linear' },
  { id: 'pskb_copy', file: SKBUFF, since: '2.6.12', until: null, refs: '+1 per frag' },
  {
    id: 'pskb_expand_head',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '+1 per frag if shared (to 2.6.32 always), old data dropped',
  },
  {
    id: 'skb_cow',
    file: 'include/linux/skbuff.h',
    since: '2.6.12',
    until: null,
    refs: 'as pskb_expand_head, if shared',
  },
  {
    id: 'skb_unclone',
    file: 'include/linux/skbuff.h',
    since: '3.18',
    until: null,
    refs: 'as pskb_expand_head, if shared',
  },
  { id: '__pskb_pull_tail', file: SKBUFF, since: '2.6.12', until: null, refs: '-1 per frag eaten' },
  {
    id: 'skb_linearize',
    file: 'include/linux/skbuff.h',
    since: '2.6.12',
    until: null,
    refs: '-1 per frag, all',
  },
  {
    id: '___pskb_trim',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag behind the cut',
  },
  {
    id: '__pskb_trim_head',
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag before the cut',
  },
  {
    id: 'skb_split',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'moved; +1 for the straddled one',
  },
  {
    id: 'skb_shift',
    file: SKBUFF,
    since: '2.6.29',
    until: null,
    refs: 'moved; +1 straddled, -1 merged whole',
  },
  {
    id: 'skb_segment',
    file: SKBUFF,
    since: '2.6.18',
    until: null,
    refs: '+1 per segment and frag',
  },
  {
    id: 'skb_orphan',
    file: 'include/linux/skbuff.h',
    since: '2.6.12',
    until: null,
    refs: 'none: runs the destructor',
  },
  {
    id: 'kfree_skb',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag at the last dataref',
  },
  {
    id: 'do_tcp_sendpages',
    file: 'net/ipv4/tcp.c',
    since: '2.6.12',
    until: null,
    refs: '+1 per new frag, none if coalesced',
  },
  {
    id: 'tcp_retrans_try_collapse',
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: 'none: linear only',
  },
];
