// Whole paths that rebuild packets: collapse, probes, IP fragments, readers, drivers.
import { Pipe } from '../fs/pipe.ts';
import { Site } from '../lifetime.ts';
import { skbCopy, skbCopyBits } from '../net/core/skb_clone.ts';
import { skbGroReceiveList } from '../net/core/skb_coalesce.ts';
import { skbRecycleCheck } from '../net/core/skb_private.ts';
import { allocSkb, skbPut } from '../net/core/skb_alloc.ts';
import { copyFragArray, refFrags } from '../net/core/skb_free.ts';
import { fragAt } from '../net/core/skbuff.ts';
import { tcpRetransTryCollapse } from '../net/ipv4/tcp_output.ts';
import { probeReads } from '../net/core/datagram.ts';
import { Reader } from '../probe.ts';
import {
  ENTRY_MARKER_LATE,
  PAGE_ONLY,
  WHOLE,
  type Mover,
  SKBUFF,
  TCP_OUTPUT,
  emptySkb,
} from './mover.ts';

export const PATHS: readonly Mover[] = [
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
    carries: ENTRY_MARKER_LATE,
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
    carries: WHOLE,
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
    id: 'skb_copy_datagram_iovec',
    file: 'net/core/datagram.c',
    since: '2.6.12',
    until: null,
    refs: 'none: copies to the reader',
    carries: [],
    apply: (b) => probeReads(b.k, b.packet(b.first), Reader.APPLICATION),
  },
  {
    id: 'skb_to_sgvec',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'none: the caller keeps the skb while it reads',
    carries: PAGE_ONLY,
    apply: (b) => probeReads(b.k, b.packet(b.first), Reader.NIC),
  },
  {
    id: 'skb_recycle_check',
    file: SKBUFF,
    since: '2.6.28',
    until: '3.8',
    refs: 'none: paged skbs are refused',
    carries: [],
    apply: (b) => {
      const packet = b.packet(b.first);
      if (skbRecycleCheck(b.k, packet, 1600)) b.used(packet);
    },
  },
  {
    id: 'driver frag',
    file: 'drivers/net (page, offset and size kept outside an sk_buff)',
    since: '2.6.12',
    until: null,
    refs: '+1, a bare get_page',
    carries: PAGE_ONLY,
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
