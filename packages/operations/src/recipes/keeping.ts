// Paths that keep a packet, or its pages, for as long as somebody likes: taps, queues for programs, receive queues,
// pipes, address spaces.
import {
  Pipe,
  spliceToSocket,
  Side,
  UserMapping,
  receiverClone,
  ErrorQueue,
  TcpState,
  tcpSpliceRead,
  tcpZerocopyReceive,
  NfQueue,
  Checksum,
  PacketSock,
  PacketRing,
  PacketTxRing,
  CHANGES,
  TCP_SPLICE_READ,
  type SkBuff,
} from '@lastref/kernel';
import {
  DATA,
  DATAGRAMS,
  ENTRY,
  HANDED_OVER,
  handedOver,
  type Met,
  type Operation,
  type OperationBench,
  PACKETS,
  PAGE_ONLY,
  WHOLE,
  WRITE_QUEUE,
  dataUntil,
  wholeUntil,
  withHeaders,
} from '../operation.ts';
import { PeerAck, StreamReader, anotherSocket, arrive } from './readers.ts';

const AF_PACKET = 'net/packet/af_packet.c';
const TCP = 'net/ipv4/tcp.c';

/** A tap with a receive ring whose frames hold `frameSize` bytes. */
function ring(b: OperationBench, frameSize: number, copyThresh: boolean): PacketRing {
  const tap = new PacketRing(b.k, 'ring', { frames: 2, frameSize, copyThresh, readTicks: 0 });
  b.watch(tap.lookStep, 'tap reader');
  return tap;
}

/** The whole pages of what arrived are mapped to the reader; the rest is copied to it. */
function mapped(b: OperationBench, guard: boolean): void {
  const sk = anotherSocket(b, 'local socket');
  const packet = b.packet(b.first);
  arrive(b, sk, packet);
  const vma = new UserMapping(b.k, 'of the reader', 0);
  b.watch(vma, 'slow reader');
  tcpZerocopyReceive(sk, vma, guard);
  b.watch(new StreamReader(sk), 'slow reader');
}

/** A packet of TCP waits for a program's verdict, summed unless the program takes it as it is. */
function queued(b: OperationBench, takesGso: boolean): void {
  const packet = withHeaders(b.packet(b.first));
  packet.shinfo.gsoSize = 0; // one that need not be cut
  packet.ipSummed = Checksum.PARTIAL; // TCP leaves the sum to the device
  park(b, packet, takesGso);
}

/** `packet` waits for a program's verdict. */
function park(b: OperationBench, packet: SkBuff, takesGso: boolean): void {
  const queue = new NfQueue(b.k, 'nfqueue', b.device, {
    copyRange: 65535,
    takesGso,
    readTicks: 0,
  });
  b.watch(queue.messageStep, 'queue reader');
  b.watch(queue.verdictStep, 'queue reader');
  b.gone(packet);
  queue.enqueue(packet);
}

/**
 * Who asks for the time at which its packets leave: who has a socket. One of TCP could do so from 3.17 on.
 * @kernel net/ipv4/tcp.c tcp_tx_timestamp (3.17, not in 3.16); sock_tx_timestamp in net/ipv4/udp.c and net/packet/af_packet.c (2.6.32, 3.6)
 */
const STAMPED: readonly Met[] = [
  ...WRITE_QUEUE.map((lent) => ({ ...lent, since: CHANGES.tcpStamps })),
  ...DATAGRAMS,
  ...PACKETS,
];

export const KEEPING: readonly Operation[] = [
  {
    id: 'packet_rcv',
    onHost: true,
    who: 'root',
    file: AF_PACKET,
    since: '2.6.12',
    until: null,
    refs: 'dataref +1 until read; with a snaplen +1 per frag, then -1 behind it',
    carries: DATA,
    apply: (b) => {
      const tap = new PacketSock(b.k, 'tap', 0, 4096 + 100);
      b.watch(tap, 'tap reader');
      tap.receive(receiverClone(b.k, b.packet(b.first)));
    },
  },
  {
    id: 'tpacket_rcv',
    onHost: true,
    who: 'root',
    effect: 'looks',
    file: AF_PACKET,
    since: '2.6.12',
    until: null,
    refs: 'none: copied to the ring, and freed',
    carries: [],
    apply: (b) => ring(b, 4096, false).receive(receiverClone(b.k, b.packet(b.first))),
  },
  {
    id: 'tpacket_rcv (copy_thresh)',
    onHost: true,
    who: 'root',
    file: AF_PACKET,
    since: '2.6.12',
    until: null,
    refs: 'dataref +1 until read, if longer than a frame',
    carries: DATA,
    apply: (b) => ring(b, 1024, true).receive(receiverClone(b.k, b.packet(b.first))),
  },
  {
    id: 'tpacket_snd',
    who: 'root',
    meets: PACKETS,
    effect: 'lends',
    file: AF_PACKET,
    since: CHANGES.packetTxRing,
    until: null,
    refs: '+1 for each page of the frame',
    carries: [...ENTRY, { what: 'marker', since: CHANGES.packetTxMarks, until: null }],
    apply: (b) => {
      const { page, size, loan } = b.fresh();
      const tx = new PacketTxRing(b.k, b.k.newFlow(Side.LENT), b.device, [page]);
      tx.send(0, size, loan);
    },
  },
  {
    id: 'nf_queue',
    onHost: true,
    who: 'root',
    file: 'net/netfilter/nf_queue.c',
    since: '2.6.14',
    until: null,
    refs: 'none: parked until the verdict; the message copies, later +1 per frag',
    carries: wholeUntil(CHANGES.nfqueueZerocopy),
    apply: (b) => queued(b, b.k.era.nfqueueGso),
  },
  {
    id: 'nf_queue (sums)',
    onHost: true,
    who: 'root',
    file: 'net/netfilter/nf_queue.c',
    since: CHANGES.nfqueueGso,
    until: null,
    refs: 'none: what is marked is made linear, to be summed',
    carries: [],
    apply: (b) => queued(b, false),
  },
  {
    id: 'nf_queue (handed over)',
    onHost: true,
    who: 'root',
    meets: HANDED_OVER,
    effect: 'lends',
    file: 'net/netfilter/nf_queue.c',
    since: '2.6.14',
    until: null,
    refs: 'none: parked until the verdict; the message copies, later +1 per frag',
    carries: wholeUntil(CHANGES.nfqueueZerocopy),
    // A packet that nobody has cloned on the way, as a guest's is on a bridge whose packets netfilter sees (br_nf_pre_routing).
    apply: (b) => park(b, handedOver(b), b.k.era.nfqueueGso),
  },
  {
    id: 'skb_tstamp_tx',
    onHost: true,
    who: 'local user',
    meets: STAMPED,
    file: 'net/core/skbuff.c',
    since: CHANGES.txTimestamps,
    until: null,
    refs: 'dataref +1 until the error queue is read',
    carries: DATA,
    apply: (b) => {
      const errors = new ErrorQueue(b.k, 'of the socket', b.sk, 0);
      b.watch(errors, 'error queue reader');
      errors.skbTstampTx(b.packet(b.first));
    },
  },
  {
    id: 'tcp_queue_rcv',
    onHost: true,
    who: 'local user',
    file: 'net/ipv4/tcp_input.c',
    since: '2.6.12',
    until: null,
    refs: 'none: the receive queue has the skb until it is read',
    carries: WHOLE,
    apply: (b) => {
      const sk = anotherSocket(b, 'local socket');
      arrive(b, sk, b.packet(b.first));
      b.watch(new StreamReader(sk), 'slow reader');
    },
  },
  {
    ...TCP_SPLICE_READ,
    onHost: true,
    who: 'local user',
    file: TCP,
    refs: 'as skb_splice_bits; the skb is freed',
    carries: dataUntil(CHANGES.spliceTakesPages),
    apply: (b) => {
      const sk = anotherSocket(b, 'local socket');
      const packet = b.packet(b.first);
      arrive(b, sk, packet);
      const pipe = new Pipe(b.k);
      tcpSpliceRead(sk, pipe, packet.len);
      b.holdPages(pipe, 'pipe');
      b.watch(new StreamReader(sk), 'slow reader');
    },
  },
  {
    id: 'pipe_to_sendpage',
    onHost: true,
    who: 'local user',
    file: 'fs/splice.c',
    since: '2.6.17',
    until: CHANGES.spliceByIterator,
    refs: '+1 for each slot, then the slot -1',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ], // where its pages come from
    apply: (b) => {
      const from = anotherSocket(b, 'local socket');
      const to = anotherSocket(b, 'second connection');
      to.state = TcpState.ESTABLISHED;
      const packet = b.packet(b.first);
      arrive(b, from, packet);
      const { flow, seq } = packet;
      const pipe = new Pipe(b.k);
      tcpSpliceRead(from, pipe, packet.len);
      spliceToSocket(pipe, to, null);
      b.watch(new PeerAck(to, { flow, seq }), 'ack of the second connection');
      if (pipe.buffers.length > 0) b.holdPages(pipe, 'pipe');
      b.watch(new StreamReader(from), 'slow reader');
    },
  },
  {
    id: 'tcp_zerocopy_receive',
    onHost: true,
    who: 'local user',
    file: TCP,
    since: CHANGES.zerocopyReceive,
    until: CHANGES.zerocopyReceiveGuard,
    refs: '+1 for each page that is mapped, a bare get_page',
    carries: PAGE_ONLY,
    apply: (b) => mapped(b, false),
  },
  {
    id: 'tcp_zerocopy_receive (guarded)',
    onHost: true,
    who: 'local user',
    file: TCP,
    since: CHANGES.zerocopyReceiveGuard,
    until: null,
    refs: 'none for a page that belongs to somebody: the skb waits until it is copied',
    carries: WHOLE,
    apply: (b) => mapped(b, true),
  },
];
