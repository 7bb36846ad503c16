// What a driver has received into pages of its own, and hands to the stack by reference.
import {
  CHANGES,
  Loopback,
  PacketSock,
  Site,
  allocSkb,
  bindDeviceMemory,
  groPullFromFrag0,
  lendFrag,
  receiverClone,
  skbClone,
  skbGroReceiveList,
  skbSegmentList,
  skbPut,
  skbSetOwnerW,
  tcpSendpage,
  xenvifHandleFragList,
  type SkBuff,
} from '@lastref/kernel';
import {
  DATAGRAMS,
  ENTRY,
  GUEST,
  PACKETS,
  RECEIVED,
  WHOLE,
  WRITE_QUEUE,
  deviceMemory,
  received,
  type Lending,
  type Operation,
  type OperationBench,
  SENDER,
} from '../operation.ts';

/** IP and TCP with timestamps. */
const HEADERS = 52;

/** A packet without linear bytes: a driver's page holds its headers too, from byte `from` on. Each of `sizes` is a frag. */
function headless(
  b: OperationBench,
  { page, loan }: Lending,
  from: number,
  sizes: readonly number[],
  who = 'gro list',
): SkBuff {
  const { k, sk } = b;
  const skb = allocSkb(k, 256, false); // napi_get_frags: GRO_MAX_HEAD
  skb.flow = sk.flow;
  skb.seq = (sk.writeSeq + from) | 0;
  b.hold(skb, who);
  for (const size of sizes) {
    const at = from + skb.len;
    k.probe.lent(loan, page, at, size, skb.flow, (skb.seq + skb.len) | 0);
    lendFrag(k, skb, page, at, size, loan, false);
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
  }
  return skb;
}

/** What a device has received into memory of another one: headers that it has split off, and a piece that no processor reads. */
function unreadable(b: OperationBench): SkBuff {
  const { k, sk } = b;
  const { page, size, loan } = b.fresh();
  bindDeviceMemory(k, page);
  const skb = allocSkb(k, 256, false);
  b.hold(skb, 'receive queue');
  skbPut(skb, HEADERS);
  skb.headers = HEADERS;
  skb.flow = sk.flow;
  skb.seq = sk.writeSeq;
  k.probe.lent(loan, page, 0, size, skb.flow, skb.seq);
  lendFrag(k, skb, page, 0, size, loan, false);
  skb.len += size;
  skb.dataLen += size;
  skb.truesize += size;
  return skb;
}

/** TCP transmits memory of a device, and keeps it in its queue until it is acknowledged. */
function fromDevmem(b: OperationBench): SkBuff {
  const { k, sk } = b;
  const { page, pageOffset, size, loan } = b.next();
  bindDeviceMemory(k, page);
  tcpSendpage(sk, page, pageOffset, size, loan);
  const packet = skbClone(k, sk.writeQueue.last!, Site.XMIT);
  skbSetOwnerW(k, packet, sk);
  return packet;
}

export const RECEIVING: readonly Operation[] = [
  {
    id: 'gro_pull_from_frag0',
    onHost: true,
    who: SENDER,
    effect: 'lends',
    file: 'net/core/gro.c',
    since: CHANGES.groFrag0,
    until: null,
    refs: '-1 where the first frag is headers alone',
    carries: WHOLE,
    meets: RECEIVED,
    // A page that was received into twice: of the first packet the device has put the headers into a frag of their own.
    apply: (b) => {
      const lending = b.fresh();
      const half = lending.size / 2;
      const split = headless(b, lending, 0, [HEADERS, half - HEADERS]);
      const whole = headless(b, lending, half, [half]);
      for (const skb of [split, whole])
        if (skb.shinfo.nrFrags > 0) groPullFromFrag0(b.k, skb, HEADERS);
    },
  },
  {
    id: 'skb_segment_list',
    onHost: true,
    who: 'local user',
    effect: 'lends',
    file: 'net/core/skbuff.c',
    since: CHANGES.segmentList,
    until: null,
    refs: 'none: members of a frag_list become packets',
    carries: WHOLE,
    // behind a tunnel each packet has come up before; a guest's comes by a tun device with NAPI
    meets: [
      GUEST,
      ...[...DATAGRAMS, ...PACKETS].map((lent) => ({ ...lent, since: CHANGES.vethGro })),
    ],
    // Two datagrams that GRO has chained on a veth (rx-gro-list) come up, where copies are asked for of the head alone, are taken
    // apart for their socket, and wait there. @kernel net/ipv4/udp.c udp_queue_rcv_skb, include/net/udp.h udp_rcv_segment (7.2)
    apply: (b) => {
      const { k } = b;
      const lending = b.fresh();
      const half = lending.size / 2;
      const head = headless(b, lending, 0, [half], 'packet');
      const member = headless(b, lending, half, [half], 'packet');
      b.gone(member);
      skbGroReceiveList(k, head, member);
      received(b, head);
      b.gone(head);
      for (let skb: SkBuff | null = skbSegmentList(k, head); skb !== null;) {
        const { next }: SkBuff = skb;
        skb.next = null;
        b.hold(skb, 'receive queue');
        skb = next;
      }
    },
  },
  {
    id: 'packet_rcv (unreadable)',
    onHost: true,
    who: 'root',
    effect: 'lends',
    file: 'net/packet/af_packet.c',
    since: CHANGES.unreadable,
    until: null,
    refs: 'a tap has the headers alone',
    carries: [],
    meets: deviceMemory(RECEIVED),
    apply: (b) => {
      const tap = new PacketSock(b.k, 'tap', 0);
      b.watch(tap, 'tap reader');
      tap.receive(receiverClone(b.k, unreadable(b)));
    },
  },
  {
    id: 'zerocopy_fill_skb_from_devmem',
    who: 'local user',
    meets: deviceMemory(WRITE_QUEUE), // a socket of TCP alone has it
    effect: 'lends',
    file: 'net/core/datagram.c',
    since: CHANGES.devmemTx,
    until: null,
    refs: '+1 for each piece; no copy can take its place',
    carries: ENTRY,
    apply: (b) => b.device.queueXmit(fromDevmem(b)),
  },
  {
    id: 'validate_xmit_unreadable_skb',
    who: 'local user',
    meets: deviceMemory(WRITE_QUEUE), // a socket of TCP alone has it
    effect: 'lends',
    file: 'net/core/dev.c',
    since: CHANGES.devmemTx,
    until: null,
    refs: 'none: freed in front of a device that reads no such memory',
    carries: [],
    apply: (b) => new Loopback(b.k).queueXmit(fromDevmem(b)),
  },
  {
    id: 'xenvif_handle_frag_list',
    who: SENDER,
    effect: 'lends',
    file: 'drivers/net/xen-netback/netback.c',
    since: CHANGES.xenFragList,
    until: null,
    refs: 'copied; -1 per frag, of the packet itself from 4.0 on',
    carries: [],
    meets: [GUEST],
    apply: (b) => {
      const lending = b.fresh();
      const half = lending.size / 2;
      const skb = headless(b, lending, 0, [half], 'packet');
      const rest = headless(b, lending, half, [half], 'packet');
      b.gone(rest);
      skb.shinfo.fragList = rest;
      try {
        xenvifHandleFragList(b.k, skb);
      } catch (error) {
        b.used(skb);
        throw error;
      }
    },
  },
];
