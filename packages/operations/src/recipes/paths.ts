// Whole paths that rebuild packets: collapse, probes, readers, drivers. And sendpage itself.
import {
  Pipe,
  Site,
  pskbCopy,
  skbCopy,
  skbLinearize,
  skbCopyBits,
  skbHeaderRelease,
  skbPut,
  skbRecycleCheck,
  copyFragArray,
  refFrags,
  fragAt,
  kfreeSkb,
  tcpAllocSkb,
  tcpSendmsg,
  tcpSendpage,
  setTsoSegs,
  tcpRetransTryCollapse,
  probeReads,
  Reader,
  CHANGES,
  adoptFrags,
  type SkBuff,
} from '@lastref/kernel';
import {
  ENTRY_AND_MARKER,
  ENTRY_MARKER_LATE,
  PAGE_ONLY,
  type Operation,
  type OperationBench,
  SKBUFF,
  TCP_OUTPUT,
  WRITE_QUEUE,
  received,
  SENDER,
} from '../operation.ts';

/** Two sends of one page, the second from where the first ends, or from somewhere else. */
function sendTwice(b: OperationBench, second: number): void {
  const { page, loan } = b.next();
  const { sk } = b;
  const before = sk.writeQueue.last;
  sk.sendHead = null; // what was queued before has been sent: a new skb is started
  tcpSendpage(sk, page, 0, 1000, loan);
  tcpSendpage(sk, page, second, 1000, loan);
  if (sk.sendHead === null || sk.writeQueue.last === before) return;
  b.inFlight(sk.sendHead);
}

/** Two sends of one page, the second where the first ends, and each of its own loan. */
function sendHalves(b: OperationBench): void {
  const halves = b.halves();
  const { sk } = b;
  const before = sk.writeQueue.last;
  sk.sendHead = null;
  for (const { page, pageOffset, size, loan } of halves)
    tcpSendpage(sk, page, pageOffset, size, loan);
  const first = before === null ? sk.writeQueue.first : before.next;
  for (let skb = first; skb !== null; skb = skb.next) b.inFlight(skb);
}

/** Bytes that are lent, bytes that are copied, and lent ones again: one packet if the design lets it be. */
function sendBoth(b: OperationBench): void {
  const { page, loan } = b.next();
  const { sk } = b;
  const before = sk.writeQueue.last;
  sk.sendHead = null;
  tcpSendpage(sk, page, 0, 1000, loan);
  tcpSendmsg(sk, page.address, 500);
  tcpSendpage(sk, page, 1000, 1000, loan);
  const first = before === null ? sk.writeQueue.first : before.next;
  for (let skb = first; skb !== null; skb = skb.next) b.inFlight(skb);
}

/**
 * A probe stands in the write queue until its ACK, in place of what it was made of, which was never sent, and goes out as every
 * packet does.
 * @kernel net/ipv4/tcp_output.c tcp_mtu_probe (2.6.24, 5.10, 7.2)
 */
function transmitProbe(b: OperationBench, probe: SkBuff): void {
  const { k, sk, first } = b;
  probe.flow = first.flow;
  probe.seq = first.seq;
  probe.endSeq = first.endSeq;
  skbHeaderRelease(k, probe);
  sk.wmemQueued += probe.truesize;
  sk.writeQueue.insertBefore(first, probe);
  b.dequeue(first);
  b.packet(probe); // tcp_transmit_skb
}

/** What a driver of that time wants to receive into. @kernel drivers/net/gianfar.c gfar_clean_tx_ring (2.6.32) */
const RX_BUFFER = 1536;

export const PATHS: readonly Operation[] = [
  {
    id: 'skb_fill_page_desc',
    who: 'local user',
    meets: WRITE_QUEUE,
    effect: 'lends',
    file: 'net/ipv4/tcp.c do_tcp_sendpages',
    since: '2.6.12',
    until: null,
    refs: '+1 for each entry',
    carries: ENTRY_AND_MARKER,
    apply: (b) => sendTwice(b, 2000),
  },
  {
    id: 'skb_can_coalesce',
    who: 'local user',
    meets: WRITE_QUEUE,
    effect: 'lends',
    file: 'net/ipv4/tcp.c do_tcp_sendpages',
    since: '2.6.12',
    until: null,
    refs: 'none: the last entry grows',
    carries: ENTRY_AND_MARKER,
    apply: (b) => sendTwice(b, 1000),
  },
  {
    id: 'skb_can_coalesce (two loans)',
    who: 'local user',
    meets: WRITE_QUEUE,
    effect: 'lends',
    file: 'net/ipv4/tcp.c do_tcp_sendpages',
    since: '2.6.12',
    until: null,
    refs: 'none: the last entry grows',
    carries: ENTRY_AND_MARKER,
    lends: { by: 'stream', over: 'tcp' }, // a page that an allocator of drivers hands out has one owner
    apply: sendHalves,
  },
  {
    id: 'tcp_sendmsg_locked (lent and copied)',
    who: 'local user',
    meets: WRITE_QUEUE,
    effect: 'lends',
    file: 'net/ipv4/tcp.c',
    since: CHANGES.zerocopy,
    until: null,
    refs: '+1 for each entry; copied bytes in pages of the socket',
    carries: ENTRY_AND_MARKER,
    apply: sendBoth,
  },
  {
    id: 'tcp_retrans_try_collapse',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    effect: 'looks',
    file: TCP_OUTPUT,
    since: '2.6.12',
    until: CHANGES.collapseShifts,
    refs: 'none: linear only',
    carries: [],
    apply: (b) => {
      b.inFlight(b.first);
      tcpRetransTryCollapse(b.sk, b.first);
    },
  },
  {
    id: 'tcp_collapse_retrans',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    joins: true,
    file: TCP_OUTPUT,
    since: CHANGES.collapseShifts,
    until: null,
    refs: 'as skb_shift; copied, and -1 per frag, where the first is linear and has room',
    carries: ENTRY_MARKER_LATE,
    // The route takes larger packets by now: both are one segment, and fit into one. What is in flight is the packet that
    // was made of both, as nobody else may have what is collapsed.
    apply: (b) => {
      const { sk, first, second } = b;
      sk.mss = first.len + second.len;
      setTsoSegs(sk, first);
      setTsoSegs(sk, second);
      sk.sendHead = null; // both were sent
      sk.packetsOut = 2;
      tcpRetransTryCollapse(sk, first);
      b.inFlight(first);
    },
  },
  {
    id: 'tcp_collapse',
    onHost: true,
    who: SENDER,
    file: 'net/ipv4/tcp_input.c',
    since: '2.6.12',
    until: null,
    refs: 'copied to linear skbs, -1 per frag',
    carries: [],
    apply: (b) => {
      const { k } = b;
      const packet = received(b, b.packet(b.first));
      b.hold(skbCopy(k, packet), 'receive queue');
      b.used(packet);
    },
  },
  {
    id: 'tcp_mtu_probe (copy)',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    file: TCP_OUTPUT,
    since: '2.6.17',
    until: CHANGES.probeByReference,
    refs: 'none for the probe; eaten frags -1',
    carries: [],
    apply: (b) => {
      const { k, first } = b;
      const probe = tcpAllocSkb(k, first.len, true); // its control block is its own
      skbCopyBits(k, first, 0, skbPut(probe, first.len), first.len);
      transmitProbe(b, probe);
    },
  },
  {
    id: 'tcp_clone_payload',
    who: 'remote peer',
    meets: WRITE_QUEUE,
    feeds: 'esp_input',
    file: TCP_OUTPUT,
    since: CHANGES.probeByReference,
    until: null,
    refs: '+1 per frag, then the source is freed',
    carries: ENTRY_MARKER_LATE,
    apply: (b) => {
      const { k, first } = b;
      const probe = tcpAllocSkb(k, 0, true);
      if (k.era.probeRefusesOwner && !k.mayMove(first, probe, Site.PROBE)) {
        kfreeSkb(k, probe);
        return;
      }
      copyFragArray(k, probe.shinfo, first.shinfo);
      refFrags(k, probe.shinfo);
      probe.len = first.len;
      probe.dataLen = first.dataLen;
      probe.truesize += first.dataLen;
      adoptFrags(k, first, probe.shinfo, Site.PROBE, probe);
      transmitProbe(b, probe);
    },
  },
  {
    id: 'skb_copy_datagram_iovec',
    onHost: true,
    who: 'local user',
    effect: 'looks',
    file: 'net/core/datagram.c',
    since: '2.6.12',
    until: null,
    refs: 'none: copies to the reader',
    carries: [],
    apply: (b) => {
      const packet = received(b, b.packet(b.first));
      b.gone(packet);
      b.hold(packet, 'receive queue'); // it stays there: MSG_PEEK
      probeReads(b.k, packet, Reader.APPLICATION);
    },
  },
  {
    id: 'skb_to_sgvec',
    who: SENDER,
    effect: 'looks',
    file: SKBUFF,
    since: '2.6.12',
    until: null,
    refs: 'none: the caller keeps the skb while it reads',
    carries: [],
    apply: (b) => probeReads(b.k, b.packet(b.first), Reader.NIC),
  },
  {
    id: 'skb_recycle_check',
    who: SENDER,
    effect: 'looks', // at the packet that it is given, of which a copy is recycled
    file: SKBUFF,
    since: '2.6.28',
    until: '3.7', // acb600def211
    refs: 'none: linear skbs only',
    carries: [],
    // a packet that TCP sends again while its clone is out is no half of a pair, and a device without scatter/gather
    // has made it linear: what is left of its owner stands in the shared info alone
    apply: (b) => {
      const { k } = b;
      const again = pskbCopy(k, b.packet(b.first));
      b.hold(again, 'driver');
      skbLinearize(k, again);
      if (skbRecycleCheck(k, again, RX_BUFFER)) b.used(again);
    },
  },
  {
    id: 'driver frag',
    onHost: true, // a driver of the kernel's
    who: SENDER,
    file: 'outside the tree',
    since: '2.6.12',
    until: null,
    refs: '+1, a bare get_page',
    carries: PAGE_ONLY,
    // A driver that keeps page, offset and size of what it has sent; in the tree xennet_release_tx_bufs does, since 3.14.
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
