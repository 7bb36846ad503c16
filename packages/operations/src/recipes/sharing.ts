// Operations that let somebody else have the data: clones, copies, heads of one's own, pipes, messages.
import {
  Pipe,
  Site,
  pskbCopy,
  skbClone,
  skbCopy,
  pskbExpandHead,
  skbCow,
  skbCowHead,
  skbUnclone,
  skbCopyExpand,
  skbMorph,
  skbZerocopy,
  skbSpliceBits,
  skbOrphan,
  CHANGES,
} from '@lastref/kernel';
import {
  DATA,
  ENTRY,
  ENTRY_MARKER_LATE,
  NOT_OF_TCP,
  PAGE_ONLY,
  WHOLE,
  type Operation,
  type OperationBench,
  SKBUFF,
  SKBUFF_H,
  received,
  withHeaders,
  SENDER,
} from '../operation.ts';

/** All of a packet goes to a pipe. */
function splice(b: OperationBench, clones: boolean): void {
  const pipe = new Pipe(b.k);
  const packet = received(b, b.packet(b.first)); // nobody splices from anywhere but a receive queue
  skbSpliceBits(b.k, packet, 0, packet.len - packet.headers, pipe, clones);
  b.holdPages(pipe, 'pipe');
}

export const SHARING: readonly Operation[] = [
  {
    id: 'skb_clone',
    onHost: true, // a tap's: TCP charges its own
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'dataref +1, pages none',
    carries: DATA,
    apply: (b) => b.hold(skbClone(b.k, b.packet(b.first), Site.TAP), 'clone'),
  },
  {
    id: 'skb_copy',
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'none: the copy is linear',
    carries: [],
    apply: (b) => b.hold(skbCopy(b.k, b.packet(b.first)), 'copy'),
  },
  {
    id: 'skb_copy_expand',
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'none: the copy is linear',
    carries: [],
    apply: (b) => b.hold(skbCopyExpand(b.k, b.packet(b.first), 128, 64), 'copy'),
  },
  {
    id: 'pskb_copy',
    onHost: true, // nf_dup_ipv4 and maybe_deliver_addr (7.2): TCP charges its own
    who: 'remote peer',
    feeds: 'esp_input',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '+1 per frag',
    carries: ENTRY_MARKER_LATE,
    apply: (b) => b.hold(pskbCopy(b.k, b.packet(b.first)), 'copy'),
  },
  {
    id: 'skb_morph',
    onHost: true,
    who: SENDER,
    meets: NOT_OF_TCP, // fragments, as ip_frag_reasm
    file: SKBUFF,
    since: '2.6.24',
    until: null,
    refs: 'old data dropped, dataref +1 on the new',
    carries: DATA,
    // Nobody else calls it but reassembly: both are fragments that have come up to IP.
    apply: (b) => {
      const other = received(b, b.packet(b.second));
      skbMorph(b.k, other, received(b, b.packet(b.first)));
    },
  },
  {
    id: 'pskb_expand_head',
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '+1 per frag if shared (to 2.6.36 always), old data dropped',
    carries: WHOLE,
    apply: (b) => pskbExpandHead(b.k, b.packet(b.first), 64, 0),
  },
  {
    id: 'skb_cow',
    who: SENDER,
    file: SKBUFF_H,
    since: '2.6.12',
    until: null,
    refs: 'as pskb_expand_head, if shared',
    carries: WHOLE,
    apply: (b) => {
      skbCow(b.k, b.packet(b.first), 16);
      skbCowHead(b.k, b.packet(b.second), 16);
    },
  },
  {
    id: 'skb_unclone',
    who: SENDER,
    file: SKBUFF_H,
    since: '3.9', // 14bbd6a565e1; open-coded before
    until: null,
    refs: 'as pskb_expand_head, if shared',
    carries: WHOLE,
    apply: (b) => skbUnclone(b.k, b.packet(b.first)),
  },
  {
    id: 'skb_splice_bits (clone)',
    onHost: true,
    who: 'local user',
    file: SKBUFF,
    since: CHANGES.spliceClones,
    until: CHANGES.spliceTakesPages,
    refs: 'dataref +1 while slots live',
    carries: DATA,
    apply: (b) => splice(b, true),
  },
  {
    id: 'skb_splice_bits (page)',
    onHost: true,
    who: 'local user',
    file: SKBUFF,
    since: CHANGES.spliceTakesPages,
    until: null,
    refs: '+1 per slot, a bare get_page',
    carries: PAGE_ONLY,
    apply: (b) => splice(b, false),
  },
  {
    id: 'skb_zerocopy',
    onHost: true, // nfnetlink_queue and openvswitch call it
    who: 'root',
    file: SKBUFF,
    since: '3.14', // nfqnl_zcopy in net/netfilter before
    until: null,
    refs: '+1 per frag',
    carries: [...ENTRY, { what: 'marker', since: CHANGES.skbZerocopyMarks, until: null }],
    apply: (b) => b.hold(skbZerocopy(b.k, withHeaders(b.packet(b.first))), 'netlink message'),
  },
  {
    id: 'skb_orphan',
    onHost: true, // a driver of the kernel's, or a receiver
    who: SENDER,
    effect: 'looks',
    file: SKBUFF_H,
    since: '2.6.12',
    until: null,
    refs: 'none: runs the destructor',
    carries: [],
    apply: (b) => skbOrphan(b.k, b.packet(b.first)),
  },
  {
    id: 'kfree_skb',
    who: SENDER,
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag at the last dataref',
    carries: [],
    apply: (b) => {
      b.used(b.packet(b.first));
    },
  },
];
