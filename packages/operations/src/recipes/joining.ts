// Operations that put the frags of one skb behind those of another.
import {
  CHANGES,
  allocPage,
  allocSkb,
  getPage,
  buildSkb,
  skbGroReceiveHead,
  skbPut,
  skbCloned,
  skbCowData,
  skbHasSharedFrag,
  iptfsConsumeFrags,
  iptfsSkbAddFrags,
  skbAddRxFrag,
  skbAppendDatatoFrags,
  skbGroReceive,
  skbGroReceiveList,
  skbTryCoalesce,
  tcpSendpage,
  fragAt,
  type SkBuff,
} from '@lastref/kernel';
import {
  AT_GRO,
  ENTRY,
  ENTRY_MARKER_LATE,
  TUNNELLED,
  WHOLE_MARKER_LATE,
  type Operation,
  type OperationBench,
  SKBUFF,
  atGro,
  atTunnel,
  emptySkb,
  received,
  SENDER,
} from '../operation.ts';

const IPTFS = 'net/xfrm/xfrm_iptfs.c';

/**
 * A packet in the list of GRO. Null: it is a clone, and gro_cells has handed it on.
 * @kernel include/net/gro_cells.h, net/core/gro_cells.c gro_cells_receive (3.18, 4.15, 7.2)
 */
function inGro(b: OperationBench, skb: SkBuff, who: string): SkBuff | null {
  const packet = atGro(b, b.packet(skb));
  if (skbCloned(packet)) return null;
  b.gone(packet);
  b.hold(packet, who);
  return packet;
}

/**
 * A packet that TCP sends once it has the ACK of the ones before: its shared info is the memory of one of theirs, whose entries are
 * still in it, behind its own.
 */
function inUsedMemory(b: OperationBench): SkBuff {
  const { page, pageOffset, size, loan } = b.fresh(); // whoever else has the socket: their notices are not joined
  tcpSendpage(b.sk, page, pageOffset, size, loan);
  return b.second;
}

/** A packet that a driver has received into a page, head and all: nothing of that was lent. */
function headInPage(b: OperationBench): SkBuff {
  const skb = buildSkb(b.k, allocPage(b.k));
  skbPut(skb, 100);
  b.hold(skb, 'packet');
  return skb;
}

export const JOINING: readonly Operation[] = [
  {
    id: 'skb_try_coalesce',
    onHost: true,
    who: SENDER,
    joins: true,
    feeds: 'esp_input',
    file: SKBUFF,
    since: CHANGES.tryCoalesce,
    until: null,
    refs: 'moved if unshared, else +1 per frag',
    carries: ENTRY_MARKER_LATE,
    // Called by TCP's receive queue and by reassembly alone.
    apply: (b) => {
      const { k } = b;
      const to = received(b, b.packet(b.first));
      if (skbCloned(to)) b.acknowledge(); // whoever has sent it has let go of it
      b.gone(to);
      b.hold(to, 'receive queue');
      const from = received(b, b.packet(b.second));
      if (skbTryCoalesce(k, to, from)) b.used(from);
    },
  },
  {
    id: 'skb_gro_receive',
    onHost: true,
    who: SENDER,
    meets: AT_GRO,
    joins: true,
    feeds: 'esp_input',
    file: SKBUFF,
    since: CHANGES.gro,
    until: null,
    refs: 'moved, no call',
    carries: ENTRY_MARKER_LATE,
    apply: (b) => {
      const p = inGro(b, b.first, 'gro list');
      const skb = inGro(b, b.second, 'packet');
      if (p !== null && skb !== null && skbGroReceive(b.k, p, skb)) b.used(skb);
    },
  },
  {
    id: 'skb_gro_receive (head_frag)',
    onHost: true,
    who: SENDER,
    meets: AT_GRO,
    effect: 'lends',
    file: SKBUFF,
    since: CHANGES.headFrag,
    until: null,
    refs: 'moved, and that of the head with them',
    carries: ENTRY_MARKER_LATE,
    apply: (b) => {
      const p = inGro(b, inUsedMemory(b), 'gro list');
      if (p === null || p.shinfo.nrFrags === 0) return; // the design has made it linear: there is no list of pages
      const skb = headInPage(b);
      b.gone(skb);
      if (!skbGroReceiveHead(b.k, p, skb)) b.hold(skb, 'packet');
    },
  },
  {
    id: 'skb_gro_receive_list',
    onHost: true,
    who: SENDER,
    meets: AT_GRO,
    joins: true,
    file: SKBUFF,
    since: CHANGES.gro,
    until: null,
    refs: 'none: chained on frag_list',
    carries: WHOLE_MARKER_LATE,
    apply: (b) => {
      const p = inGro(b, b.first, 'gro list');
      const skb = inGro(b, b.second, 'packet');
      if (p === null || skb === null) return;
      b.gone(skb);
      skbGroReceiveList(b.k, p, skb);
    },
  },
  {
    id: 'iptfs_consume_frags',
    who: SENDER,
    meets: TUNNELLED,
    effect: 'lends',
    file: IPTFS,
    since: CHANGES.iptfs,
    until: null,
    refs: 'moved; +1 for the head that becomes an entry',
    carries: [...ENTRY, { what: 'marker', since: CHANGES.iptfsConsumeMarks, until: null }],
    // A lent packet that waits for the tunnel, and behind it one that a driver received and that is passed on.
    apply: (b) => {
      const p = atTunnel(b, b.packet(inUsedMemory(b)));
      b.gone(p);
      b.hold(p, 'tunnel');
      const skb = headInPage(b);
      b.gone(skb);
      if (!iptfsConsumeFrags(b.k, p, skb)) b.hold(skb, 'packet');
    },
  },
  {
    id: 'iptfs_skb_add_frags',
    onHost: true,
    who: SENDER,
    file: IPTFS,
    since: CHANGES.iptfs,
    until: null,
    refs: '+1 per frag',
    carries: ENTRY,
    // The outer packet has passed ESP, which copies what is marked, and is gone when its payload has been taken apart.
    apply: (b) => {
      const outer = received(b, b.packet(b.first));
      // esp_input with a null cipher: copies what it may not write to, and changes no byte of the rest
      if (skbCloned(outer) || skbHasSharedFrag(b.k, outer)) skbCowData(b.k, outer);
      const inner = emptySkb(b.k, outer);
      b.hold(inner, 'inner packet');
      inner.seq = (outer.seq + 1000) | 0;
      iptfsSkbAddFrags(b.k, inner, outer, 1000, 6000);
      b.used(outer);
    },
  },
  {
    id: 'skb_add_rx_frag',
    who: 'remote peer',
    file: SKBUFF,
    since: '2.6.28', // 654bed16cf86
    until: null,
    refs: 'none: the caller gives its own',
    carries: [],
    // A driver's receive buffer, half by half: the page is its own. Code that puts in a page of somebody else is not
    // of the kernel (the row 'unconverted code').
    apply: (b) => {
      const { k } = b;
      const skb = allocSkb(k, 256, false); // of no stream: nothing of it was lent
      b.hold(skb, 'received');
      const page = allocPage(k);
      skbAddRxFrag(k, skb, page, 0, 2048);
      getPage(k, page);
      skbAddRxFrag(k, skb, page, 2048, 2048);
    },
  },
  {
    id: 'skb_append_datato_frags',
    who: 'local user',
    file: SKBUFF,
    since: '2.6.15', // e89e9cf539a2
    until: '4.14',
    refs: 'fresh pages',
    carries: [],
    apply: (b) => {
      const { k } = b;
      const packet = b.packet(b.first);
      const skb = emptySkb(k, packet);
      const frag = packet.shinfo.nrFrags > 0 ? fragAt(packet.shinfo, 0) : null;
      const from = frag === null ? packet.data : frag.page.address + frag.pageOffset;
      b.hold(skb, 'datagram');
      skbAppendDatatoFrags(k, skb, from, 4096);
    },
  },
];
