// Operations that put the frags of one skb behind those of another.
import {
  CHANGES,
  allocPage,
  allocSkb,
  getPage,
  buildSkb,
  skbGroReceiveHead,
  skbPut,
  kfreeSkb,
  skbCloned,
  skbCowData,
  skbHasSharedFrag,
  iptfsConsumeFrags,
  iptfsSkbAddFrags,
  pskbCopy,
  skbAddRxFrag,
  skbAppendDatatoFrags,
  skbGroReceive,
  skbGroReceiveList,
  skbTryCoalesce,
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
  emptySkb,
  received,
  SENDER,
} from '../operation.ts';

const IPTFS = 'net/xfrm/xfrm_iptfs.c';

/** A packet with a shared info that nobody else has, in the hands of `who`. */
function unshared(
  b: OperationBench,
  skb: SkBuff,
  who: string,
  from = (_: OperationBench, packet: SkBuff): SkBuff => packet,
): SkBuff {
  const packet = from(b, b.packet(skb));
  const own = pskbCopy(b.k, packet);
  b.hold(own, who);
  b.used(packet);
  return own;
}

/** A lent packet in the hands of `who`, and one that a driver has received into a page: nothing of that was lent. */
function besideHeadFrag(b: OperationBench, who: string): { p: SkBuff; skb: SkBuff } {
  const { k } = b;
  const packet = atGro(b, b.packet(b.first));
  kfreeSkb(k, pskbCopy(k, packet)); // the shared info that the next one gets has had these entries
  b.used(packet);
  const p = unshared(b, b.second, who, atGro);
  const skb = buildSkb(k, allocPage(k));
  skbPut(skb, 100);
  b.hold(skb, 'packet');
  return { p, skb };
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
      const to = unshared(b, b.first, 'receive queue', received);
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
      const { k } = b;
      const p = unshared(b, b.first, 'gro list', atGro);
      const skb = unshared(b, b.second, 'packet', atGro);
      if (skbGroReceive(k, p, skb)) b.used(skb);
    },
  },
  {
    id: 'skb_gro_receive (head_frag)',
    onHost: true,
    who: SENDER,
    meets: AT_GRO,
    file: SKBUFF,
    since: CHANGES.headFrag,
    until: null,
    refs: 'moved, and that of the head with them',
    carries: ENTRY_MARKER_LATE,
    apply: (b) => {
      const { k } = b;
      const { p, skb } = besideHeadFrag(b, 'gro list');
      if (p.shinfo.nrFrags === 0) return; // the design has made it linear: there is no list of pages
      b.gone(skb);
      if (!skbGroReceiveHead(k, p, skb)) b.hold(skb, 'packet');
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
      const p = atGro(b, b.packet(b.first));
      const skb = atGro(b, b.packet(b.second));
      b.gone(skb);
      skbGroReceiveList(b.k, p, skb);
    },
  },
  {
    id: 'iptfs_consume_frags',
    who: SENDER,
    meets: TUNNELLED,
    file: IPTFS,
    since: CHANGES.iptfs,
    until: null,
    refs: 'moved; +1 for the head that becomes an entry',
    carries: [...ENTRY, { what: 'marker', since: CHANGES.iptfsConsumeMarks, until: null }],
    // A lent packet that waits for the tunnel, and behind it one that a driver received and that is passed on.
    apply: (b) => {
      const { k } = b;
      const { p, skb } = besideHeadFrag(b, 'tunnel');
      b.gone(skb);
      if (!iptfsConsumeFrags(k, p, skb)) b.hold(skb, 'packet');
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
