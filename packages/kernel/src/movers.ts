// Every operation that takes, drops, copies or moves a fragment, as data: a matrix, a test battery or a report
// lists them from here and never forgets one. Each brings a recipe that runs it on lent pages.
import type { Kernel } from './kernel.ts';
import { Site } from './lifetime.ts';
import { getPage } from './mm/page_alloc.ts';
import { Pipe } from './fs/pipe.ts';
import { pskbCopy, skbClone, skbCopy, skbCopyBits } from './net/core/skb_clone.ts';
import {
  skbAddRxFrag,
  skbAppendDatatoFrags,
  skbGroReceive,
  skbGroReceiveList,
  skbTryCoalesce,
} from './net/core/skb_coalesce.ts';
import { pskbExpandHead, skbCow, skbCowHead, skbUnclone } from './net/core/skb_head.ts';
import {
  skbCopyExpand,
  skbCopyUbufs,
  skbCowData,
  skbMorph,
  skbZerocopy,
} from './net/core/skb_private.ts';
import { pskbMayPull, pskbTrim, skbLinearize } from './net/core/skb_pull.ts';
import { skbSegment } from './net/core/skb_segment.ts';
import { skbShift } from './net/core/skb_split.ts';
import {
  allocSkb,
  skbHeadlen,
  copyFragArray,
  fragAt,
  kfreeSkb,
  refFrags,
  skbGet,
  skbOrphan,
  skbPut,
  skbSetOwnerW,
  type SkBuff,
} from './net/core/skbuff.ts';
import type { TcpSock } from './net/ipv4/tcp.ts';
import {
  setTsoSegs,
  tcpFragment,
  tcpRetransTryCollapse,
  tcpTrimHead,
} from './net/ipv4/tcp_output.ts';
import { probeReads } from './net/packet/af_packet.ts';
import { Reader } from './probe.ts';

/** What travels with a fragment when the operation copies or moves it. */
export type Carried = 'page' | 'frag slot' | 'shared-info slot' | 'sk_buff slot';

/** The stage on which a recipe runs: two neighbours of a write queue that carry lent pages. */
export interface MoverBench {
  readonly k: Kernel;
  readonly sk: TcpSock;
  /** Two pages and a half, of the first loan. */
  readonly first: SkBuff;
  /** Half a page and a whole one, of the second loan. */
  readonly second: SkBuff;
  /** A packet made from `skb` as TCP transmits it, in the driver's hands; as sole owner, `skb` is acknowledged then. */
  packet(skb: SkBuff): SkBuff;
  /** For operations on the write queue: as `packet`, but only if the case is that the data is shared. */
  inFlight(skb: SkBuff): void;
  /** A write-queue skb that the operation has used up. */
  dequeue(skb: SkBuff): void;
  /** `skb` is in the hands of `who` from now on. */
  hold(skb: SkBuff, who: string): void;
  /** The operation has used up a packet: frees it, and nobody has to release it. */
  used(skb: SkBuff): void;
  /** The packet is part of another one now. */
  gone(skb: SkBuff): void;
  /** Pages without an sk_buff, in the hands of `who`, who lets go by `release`. */
  holdPages(pipe: Pipe, who: string): void;
}

/** Which situation the operation finds: does anybody else have the data? */
export type MoverCase = 'shared' | 'sole owner';

export interface Mover {
  /** The kernel's name. */
  readonly id: string;
  readonly file: string;
  /** First and last kernel version that has it, as far as the trees we read tell; null: still there. */
  readonly since: string;
  readonly until: string | null;
  /** What happens to page references, in a few words. */
  readonly refs: string;
  readonly carries: readonly Carried[];
  /** Runs it on the bench. */
  readonly apply: (bench: MoverBench) => void;
}

const SKBUFF = 'net/core/skbuff.c';
const SKBUFF_H = 'include/linux/skbuff.h';
const TCP_OUTPUT = 'net/ipv4/tcp_output.c';
const ENTRY: readonly Carried[] = ['page', 'frag slot'];

/** A second sk_buff with data of its own, so that something can be moved to it. */
function emptySkb(k: Kernel, like: SkBuff): SkBuff {
  const skb = allocSkb(k, 256, false);
  skb.flow = like.flow;
  skb.seq = like.seq;
  return skb;
}

export const MOVERS: readonly Mover[] = [
  {
    id: 'skb_clone',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'dataref +1, pages none',
    carries: ['page', 'frag slot', 'shared-info slot'],
    apply: (b) => b.hold(skbClone(b.k, b.packet(b.first), Site.TAP), 'clone'),
  },
  {
    id: 'skb_copy',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'none: the copy is linear',
    carries: [],
    apply: (b) => b.hold(skbCopy(b.k, b.packet(b.first)), 'copy'),
  },
  {
    id: 'skb_copy_expand',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'none: the copy is linear',
    carries: [],
    apply: (b) => b.hold(skbCopyExpand(b.k, b.packet(b.first), 128, 64), 'copy'),
  },
  {
    id: 'pskb_copy',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '+1 per frag',
    carries: ENTRY,
    apply: (b) => b.hold(pskbCopy(b.k, b.packet(b.first)), 'copy'),
  },
  {
    id: 'pskb_expand_head',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '+1 per frag if shared (to 2.6.32 always), old data dropped',
    carries: ['page', 'frag slot', 'shared-info slot', 'sk_buff slot'],
    apply: (b) => pskbExpandHead(b.k, b.packet(b.first), 64, 0),
  },
  {
    id: 'skb_cow',
    file: SKBUFF_H,
    since: '2.6.12',
    until: null,
    refs: 'as pskb_expand_head, if shared',
    carries: ['page', 'frag slot', 'shared-info slot', 'sk_buff slot'],
    apply: (b) => {
      skbCow(b.k, b.packet(b.first), 16);
      skbCowHead(b.k, b.packet(b.second), 16);
    },
  },
  {
    id: 'skb_unclone',
    file: SKBUFF_H,
    since: '3.18',
    until: null,
    refs: 'as pskb_expand_head, if shared',
    carries: ['page', 'frag slot', 'shared-info slot', 'sk_buff slot'],
    apply: (b) => skbUnclone(b.k, b.packet(b.first)),
  },
  {
    id: 'skb_cow_data',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag, all',
    carries: [],
    apply: (b) => skbCowData(b.k, b.packet(b.first)),
  },
  {
    id: '__pskb_pull_tail',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag eaten',
    carries: ENTRY,
    apply: (b) => {
      const packet = b.packet(b.first);
      pskbMayPull(b.k, packet, skbHeadlen(packet) + 4096 + 100);
    },
  },
  {
    id: 'skb_linearize',
    file: SKBUFF_H,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag, all',
    carries: [],
    apply: (b) => skbLinearize(b.k, b.packet(b.first)),
  },
  {
    id: '___pskb_trim',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag behind the cut',
    carries: ENTRY,
    apply: (b) => {
      const packet = b.packet(b.first);
      pskbTrim(b.k, packet, packet.headers + 100);
    },
  },
  {
    id: '__pskb_trim_head',
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag before the cut',
    carries: ENTRY,
    apply: (b) => {
      b.inFlight(b.first);
      tcpTrimHead(b.sk, b.first, 4096 + 100);
      setTsoSegs(b.sk, b.first);
    },
  },
  {
    id: 'skb_split',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'moved; +1 for the straddled one',
    carries: ENTRY,
    apply: (b) => {
      const rest = tcpFragment(b.sk, b.first, 4096 + 100); // as tso_fragment does with what was never sent
      b.inFlight(rest);
    },
  },
  {
    id: 'tcp_fragment',
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: 'un-shares, then as skb_split',
    carries: ENTRY,
    apply: (b) => {
      b.inFlight(b.first);
      tcpFragment(b.sk, b.first, 4096);
    },
  },
  {
    id: 'skb_shift',
    file: SKBUFF,
    since: '2.6.29',
    until: null,
    refs: 'moved; +1 straddled, -1 merged whole',
    carries: ENTRY,
    apply: (b) => {
      const { first, second, k } = b;
      b.inFlight(second);
      if (skbShift(k, first, second, second.len) === 0) return;
      first.endSeq = second.endSeq; // as tcp_shifted_skb does, with an skb that is empty now
      first.pcount += second.pcount;
      b.dequeue(second);
    },
  },
  {
    id: 'skb_segment',
    file: SKBUFF,
    since: '2.6.18',
    until: null,
    refs: '+1 per segment and frag',
    carries: ENTRY,
    apply: (b) => {
      const { k, sk } = b;
      const packet = b.packet(b.first);
      packet.shinfo.gsoSize = 4096;
      let n = 0;
      for (let s: SkBuff | null = skbSegment(k, packet, sk.route.sg); s !== null;) {
        const { next }: SkBuff = s;
        s.next = null;
        b.hold(s, `segment ${++n}`);
        s = next;
      }
    },
  },
  {
    id: 'skb_morph',
    file: SKBUFF,
    since: '2.6.24',
    until: null,
    refs: 'old data dropped, dataref +1 on the new',
    carries: ['page', 'frag slot', 'shared-info slot'],
    apply: (b) => {
      const other = b.packet(b.second);
      skbMorph(b.k, other, b.packet(b.first));
    },
  },
  {
    id: 'skb_try_coalesce',
    file: SKBUFF,
    since: '3.8',
    until: null,
    refs: 'moved if unshared, else +1 per frag',
    carries: ENTRY,
    apply: (b) => {
      const { k } = b;
      const to = pskbCopy(k, b.packet(b.first)); // a receive queue's tail that nobody shares
      b.hold(to, 'receive queue');
      const from = b.packet(b.second);
      if (skbTryCoalesce(k, to, from)) b.used(from);
    },
  },
  {
    id: 'skb_gro_receive',
    file: SKBUFF,
    since: '2.6.29',
    until: null,
    refs: 'moved, no call',
    carries: ENTRY,
    apply: (b) => {
      const { k } = b;
      const p = pskbCopy(k, b.packet(b.first));
      const skb = pskbCopy(k, b.packet(b.second));
      b.hold(p, 'gro list');
      if (skbGroReceive(k, p, skb)) kfreeSkb(k, skb);
      else b.hold(skb, 'packet');
    },
  },
  {
    id: 'skb_gro_receive_list',
    file: SKBUFF,
    since: '2.6.29',
    until: null,
    refs: 'none: chained on frag_list',
    carries: ['page', 'frag slot', 'shared-info slot', 'sk_buff slot'],
    apply: (b) => {
      const p = b.packet(b.first);
      const skb = b.packet(b.second);
      b.gone(skb);
      skbGroReceiveList(p, skb);
    },
  },
  {
    id: 'skb_add_rx_frag',
    file: SKBUFF,
    since: '2.6.29',
    until: null,
    refs: 'none: the caller gives its own',
    carries: ['page'],
    apply: (b) => {
      const { k } = b;
      const packet = b.packet(b.first);
      const skb = emptySkb(k, packet);
      if (packet.shinfo.nrFrags === 0) return; // the design has made it linear: nothing to add
      const frag = fragAt(packet.shinfo, 0);
      getPage(k, frag.page);
      skbAddRxFrag(k, skb, frag.page, frag.pageOffset, frag.size);
      b.hold(skb, 'received');
    },
  },
  {
    id: 'skb_append_datato_frags',
    file: SKBUFF,
    since: '2.6.14',
    until: '3.18',
    refs: 'fresh pages',
    carries: [],
    apply: (b) => {
      const { k } = b;
      const packet = b.packet(b.first);
      const skb = emptySkb(k, packet);
      const frag = packet.shinfo.nrFrags > 0 ? fragAt(packet.shinfo, 0) : null;
      const from = frag === null ? packet.data : frag.page.address + frag.pageOffset;
      skbAppendDatatoFrags(k, skb, from, 4096);
      b.hold(skb, 'datagram');
    },
  },
  {
    id: 'skb_splice_bits (clone)',
    file: SKBUFF,
    since: '2.6.25',
    until: '2.6.28',
    refs: 'dataref +1 while slots live',
    carries: ['page', 'frag slot', 'shared-info slot'],
    apply: (b) => {
      const clone = skbClone(b.k, b.packet(b.first), Site.TAP);
      skbGet(b.k, clone); // one per slot
      b.hold(clone, 'pipe slot 1');
      b.hold(clone, 'pipe slot 2');
    },
  },
  {
    id: 'skb_splice_bits (page)',
    file: SKBUFF,
    since: '2.6.29',
    until: null,
    refs: '+1 per slot, a bare get_page',
    carries: ['page'],
    apply: (b) => {
      const pipe = new Pipe(b.k);
      const { shinfo } = b.packet(b.first);
      for (let i = 0; i < shinfo.nrFrags; i++) {
        const frag = fragAt(shinfo, i);
        pipe.push(frag.page, frag.pageOffset, frag.size);
      }
      b.holdPages(pipe, 'pipe');
    },
  },
  {
    id: 'skb_zerocopy',
    file: SKBUFF,
    since: '3.13',
    until: null,
    refs: '+1 per frag',
    carries: ENTRY,
    apply: (b) => b.hold(skbZerocopy(b.k, b.packet(b.first)), 'netlink message'),
  },
  {
    id: 'skb_copy_ubufs',
    file: SKBUFF,
    since: '3.1',
    until: null,
    refs: 'old -1 per frag, new pages',
    carries: [],
    apply: (b) => skbCopyUbufs(b.k, b.packet(b.first)),
  },
  {
    id: 'skb_copy_datagram_iovec',
    file: 'net/core/datagram.c',
    since: '2.6.12',
    until: null,
    refs: 'none: copies to the reader',
    carries: [],
    apply: (b) => probeReads(b.k, b.packet(b.first), Reader.APPLICATION),
  },
  {
    id: 'skb_orphan',
    file: SKBUFF_H,
    since: '2.6.12',
    until: null,
    refs: 'none: runs the destructor',
    carries: [],
    apply: (b) => {
      const packet = b.packet(b.first);
      skbSetOwnerW(b.k, packet, b.sk);
      skbOrphan(b.k, packet);
    },
  },
  {
    id: 'kfree_skb',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: '-1 per frag at the last dataref',
    carries: [],
    apply: (b) => {
      b.used(b.packet(b.first));
    },
  },
  {
    id: 'tcp_retrans_try_collapse',
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: 'none: linear only',
    carries: [],
    apply: (b) => {
      b.inFlight(b.first);
      tcpRetransTryCollapse(b.sk, b.first);
    },
  },
  {
    id: 'tcp_collapse',
    file: 'net/ipv4/tcp_input.c',
    since: '2.6.12',
    until: null,
    refs: 'copied to linear skbs, -1 per frag',
    carries: [],
    apply: (b) => {
      const { k } = b;
      const packet = b.packet(b.first);
      b.hold(skbCopy(k, packet), 'receive queue');
      b.used(packet);
    },
  },
  {
    id: 'tcp_mtu_probe (copy)',
    file: TCP_OUTPUT,
    since: '2.6.17',
    until: '6.1',
    refs: 'none for the probe; eaten frags -1',
    carries: [],
    apply: (b) => {
      const { k, first } = b; // never sent, so never shared
      b.hold(skbCopy(k, first), 'probe');
      b.dequeue(first);
    },
  },
  {
    id: 'tcp_clone_payload',
    file: TCP_OUTPUT,
    since: '6.1',
    until: null,
    refs: '+1 per frag, then the source is freed',
    carries: ENTRY,
    apply: (b) => {
      const { k, first } = b;
      const probe = emptySkb(k, first);
      copyFragArray(k, probe.shinfo, first.shinfo);
      refFrags(k, probe.shinfo);
      probe.len = first.len;
      probe.dataLen = first.dataLen;
      k.lifetime.adopt(first, probe.shinfo, Site.PROBE);
      b.dequeue(first);
      b.hold(probe, 'probe');
    },
  },
  {
    id: 'ip_fragment (fast)',
    file: 'net/ipv4/ip_output.c',
    since: '2.6.12',
    until: null,
    refs: 'none: frag_list members become packets',
    carries: ['page', 'frag slot', 'shared-info slot', 'sk_buff slot'],
    apply: (b) => {
      const p = b.packet(b.first);
      const member = b.packet(b.second);
      b.gone(member);
      skbGroReceiveList(p, member);
      p.shinfo.fragList = null;
      p.len -= member.len;
      p.dataLen -= member.len;
      b.hold(member, 'fragment 2');
    },
  },
  {
    id: 'ip_fragment (slow)',
    file: 'net/ipv4/ip_output.c',
    since: '2.6.12',
    until: null,
    refs: 'none: copied',
    carries: [],
    apply: (b) => {
      const { k } = b;
      const packet = b.packet(b.first);
      const fragment = allocSkb(k, packet.len, false);
      skbCopyBits(k, packet, 0, skbPut(fragment, packet.len), packet.len);
      b.hold(fragment, 'fragments');
      b.used(packet);
    },
  },
  {
    id: 'driver frag',
    file: 'drivers/net (page, offset and size kept outside an sk_buff)',
    since: '2.6.12',
    until: null,
    refs: '+1, a bare get_page',
    carries: ['page'],
    apply: (b) => {
      const pipe = new Pipe(b.k);
      const { shinfo } = b.packet(b.first);
      if (shinfo.nrFrags < 2) return; // the design has made it linear: nothing to keep
      const frag = fragAt(shinfo, 1);
      pipe.push(frag.page, frag.pageOffset, frag.size);
      b.holdPages(pipe, 'driver');
    },
  },
];

/**
 * What code outside the tree does that knows nothing of any design: it takes page, offset and size of each
 * entry, a bare page reference for each, and puts them into an sk_buff of its own.
 */
export const UNCONVERTED: Mover = {
  id: 'unconverted code',
  file: 'outside the tree',
  since: '2.6.12',
  until: null,
  refs: '+1 per frag, bare get_page and put_page',
  carries: ['page'],
  apply: (b) => {
    const { k } = b;
    const packet = b.packet(b.first);
    const { shinfo } = packet;
    const skb = emptySkb(k, packet);
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const frag = fragAt(shinfo, i);
      getPage(k, frag.page);
      k.fillPageDesc(skb, frag.page, frag.pageOffset, frag.size);
      skb.len += frag.size;
      skb.dataLen += frag.size;
    }
    b.hold(skb, 'foreign driver');
  },
};
