// Datagrams: pages that UDP sends, packets that IP cuts and puts together.
import {
  Loopback,
  Side,
  Site,
  type NetDevice,
  skbClone,
  IpHost,
  UdpHost,
  udpPushPendingFrames,
  udpLend,
  UdpSock,
  CHANGES,
  ipAppendData,
  ipv4Specific,
  ipv6Specific,
  type AfOps,
  type NamedSpan,
} from '@lastref/kernel';
import {
  DATAGRAMS,
  ENTRY,
  ENTRY_MARKER_LATE,
  NOT_OF_TCP,
  type Operation,
  type OperationBench,
  WHOLE,
  SENDER,
} from '../operation.ts';
import { DatagramReader } from './readers.ts';

const IP_OUTPUT = 'net/ipv4/ip_output.c';
const IP_FRAGMENT = 'net/ipv4/ip_fragment.c';
/** More than one packet of 1500 bytes. */
const TWO_PACKETS = 2000;
const HERE = 0x0a070001;

/** A datagram socket that sends to itself, or to nobody. */
function datagramSocket(b: OperationBench, device: NetDevice, af: AfOps): UdpSock {
  const address = { localAddress: HERE, localPort: 9, peerAddress: HERE, peerPort: 9 };
  return new UdpSock(b.k, 'datagram socket', Side.LENT, device, address, af);
}

/** A page of a third loan in a datagram that is not sent yet. */
function pending(b: OperationBench, device: NetDevice, size: number): UdpSock {
  const sk = datagramSocket(b, device, ipv4Specific);
  const { page, pageOffset, loan } = b.fresh();
  udpLend(sk, page, pageOffset, size, loan, true);
  return sk;
}

/** The datagram comes back to its own socket, whose application reads it when it likes. */
function looped(b: OperationBench): void {
  const lo = new Loopback(b.k, 'lo', 1500);
  const ip = new IpHost(b.k, 'here');
  const udp = new UdpHost(b.k);
  lo.receiver = ip;
  ip.udp = udp;
  const sk = pending(b, lo, TWO_PACKETS);
  udp.bind(sk);
  b.watch(lo.backlog, 'receive backlog');
  b.atLast(ip.frags, 'reassembly timer');
  b.watch(new DatagramReader(sk), 'slow reader');
  udpPushPendingFrames(sk);
}

/** What the page of a datagram goes in by from 6.5 on; bytes that are copied follow it into the same packet. */
function spliced(b: OperationBench, af: AfOps): void {
  const sk = datagramSocket(b, b.device, af);
  const { page, pageOffset, loan } = b.fresh();
  udpLend(sk, page, pageOffset, 1000, loan, true);
  ipAppendData(sk, page.address, 200, true);
  udpPushPendingFrames(sk);
}

/** Who calls ip_append_page. 6.1.192 has that as well, and nobody who does. @kernel net/ipv4/udp.c udp_sendpage (5.10, 6.1.192) */
const UDP_SENDPAGE: NamedSpan = {
  id: 'udp_sendpage by reference',
  since: null,
  until: CHANGES.udpSendpageCopies,
};

const APPEND_DATA = {
  who: 'local user',
  meets: DATAGRAMS,
  effect: 'lends',
  since: CHANGES.spliceByIterator,
  until: null,
  refs: '+1 for a new entry, none when coalesced',
  carries: [...ENTRY, { what: 'marker', since: CHANGES.espAsksMarker, until: null }],
} as const satisfies Omit<Operation, 'id' | 'file' | 'apply'>;

/**
 * What IP cuts and puts together. A packet of TCP is as long as its route lets it be; what comes from a driver, a guest or a process
 * is cut where a host forwards it, and may be a fragment itself.
 * Left out: a route that has become narrower for a TCP that is not told (ip_no_pmtu_disc).
 * @kernel net/ipv4/ip_output.c ip_finish_output, ip_queue_xmit (2.6.24, 3.8); net/ipv4/ip_input.c ip_local_deliver
 */
const CUT = NOT_OF_TCP;

export const IP: readonly Operation[] = [
  {
    id: 'ip_append_page',
    who: 'local user',
    meets: DATAGRAMS,
    effect: 'lends',
    file: IP_OUTPUT,
    since: '2.6.12',
    until: CHANGES.spliceByIterator,
    refs: '+1 for a new entry, none when coalesced',
    carries: ENTRY_MARKER_LATE,
    needs: [UDP_SENDPAGE],
    apply: (b) => udpPushPendingFrames(pending(b, b.device, 1000)),
  },
  {
    ...APPEND_DATA,
    id: '__ip_append_data (MSG_SPLICE_PAGES)',
    file: IP_OUTPUT,
    apply: (b) => spliced(b, ipv4Specific),
  },
  {
    ...APPEND_DATA,
    id: '__ip6_append_data (MSG_SPLICE_PAGES)',
    file: 'net/ipv6/ip6_output.c',
    apply: (b) => spliced(b, ipv6Specific),
  },
  {
    id: 'ip_fragment (fast)',
    who: SENDER,
    meets: CUT,
    effect: 'lends',
    file: IP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: 'none: frag_list members become packets',
    carries: WHOLE,
    apply: (b) => udpPushPendingFrames(pending(b, b.device, TWO_PACKETS)),
  },
  {
    id: 'ip_fragment (slow)',
    who: SENDER,
    meets: CUT,
    effect: 'lends',
    file: IP_OUTPUT,
    since: '2.6.12',
    until: null,
    refs: 'none: copied; the packet is freed',
    carries: [],
    apply: (b) => {
      const sk = pending(b, b.device, TWO_PACKETS);
      const { first } = sk.writeQueue;
      if (first === null) return;
      const clone = skbClone(b.k, first, Site.TAP); // somebody looks at it: it cannot be written to
      clone.cb = null; // PACKET_SKB_CB
      b.hold(clone, 'tap');
      udpPushPendingFrames(sk);
      b.used(clone);
    },
  },
  {
    id: 'ip_frag_reasm (chain)',
    onHost: true,
    who: SENDER,
    meets: CUT,
    effect: 'lends',
    file: IP_FRAGMENT,
    since: '2.6.12',
    until: CHANGES.defragCoalescesLocally,
    gap: [CHANGES.defragCoalesces, CHANGES.defragChains],
    refs: 'none: fragments become frag_list members',
    carries: WHOLE,
    apply: looped,
  },
  {
    id: 'ip_frag_reasm (coalesce)',
    onHost: true,
    who: SENDER,
    meets: CUT,
    effect: 'lends',
    file: IP_FRAGMENT,
    since: CHANGES.defragCoalesces,
    until: null,
    gap: [CHANGES.defragChains, CHANGES.defragCoalescesLocally],
    refs: 'as skb_try_coalesce where it can be, else chained',
    carries: ENTRY_MARKER_LATE,
    apply: looped,
  },
];
