// What it means that an sk_buff is seen in a function. Names are those of Linux 6.12; older ones that mean the same stand
// beside them.

/** Who has an sk_buff behind a site, in the words of the diagrams; `same`: whoever had it. */
export interface SiteCard {
  readonly lane: string;
  /**
   * lends: new pages are put in for their owner; shares: the other sk_buff has the data of the first; moves: pages go between
   * the two; heads: the sk_buff may have got another head; frees: it lets go of its data; reads: a program reads from it.
   */
  readonly does: 'lends' | 'shares' | 'moves' | 'heads' | 'frees' | 'reads' | 'passes';
}

const passes = (lane: string): SiteCard => ({ lane, does: 'passes' });

const SITES: Readonly<Record<string, SiteCard>> = {
  skb_zerocopy_iter_stream: { lane: 'write queue', does: 'lends' }, // net/core/skbuff.c: MSG_ZEROCOPY
  skb_splice_from_iter: { lane: 'write queue', does: 'lends' }, // net/core/skbuff.c: sendfile, splice (6.5)
  __tcp_transmit_skb: passes('write queue'), // net/ipv4/tcp_output.c
  __dev_queue_xmit: passes('qdisc'), // net/core/dev.c
  dev_queue_xmit: passes('qdisc'),
  net_dev_start_xmit: passes('tx ring'), // trace point in net/core/dev.c xmit_one
  packet_rcv: passes('tap'), // net/packet/af_packet.c
  tpacket_rcv: passes('tap'),
  tcp_v4_rcv: passes('backlog'), // net/ipv4/tcp_ipv4.c
  tcp_data_queue: passes('out-of-order queue'), // net/ipv4/tcp_input.c: what is in order goes on to tcp_queue_rcv
  tcp_queue_rcv: passes('receive queue'),
  skb_copy_datagram_iter: { lane: 'same', does: 'reads' }, // net/core/datagram.c
  skb_clone: { lane: 'same', does: 'shares' },
  __pskb_copy_fclone: { lane: 'same', does: 'shares' },
  skb_split: { lane: 'same', does: 'moves' },
  skb_shift: { lane: 'same', does: 'moves' },
  skb_try_coalesce: { lane: 'same', does: 'moves' },
  pskb_expand_head: { lane: 'same', does: 'heads' },
  skb_copy_ubufs: { lane: 'same', does: 'heads' },
  __pskb_pull_tail: { lane: 'same', does: 'heads' },
  skb_release_data: { lane: 'same', does: 'frees' },
  kfree_skbmem: { lane: 'same', does: 'frees' },
};

/** What is known of a function or trace point; undefined: nothing. */
export function siteOf(name: string): SiteCard | undefined {
  return Object.hasOwn(SITES, name) ? SITES[name] : undefined;
}

/** Which lane a device is. */
export function laneOfDevice(device: string | null): string {
  if (device === 'lo') return 'backlog';
  return device !== null && /^(?:tun|tap)/.test(device) ? 'tun queue' : 'tx ring';
}
