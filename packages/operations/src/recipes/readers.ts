// Whoever is at the end of a path that keeps data: an application with a socket, the peer of a second connection.
import {
  SingleStep,
  declareState,
  Side,
  probeReads,
  skbSetOwnerR,
  type Kernel,
  type SkBuff,
  tcpRecvmsg,
  type ByteSink,
  TcpSock,
  wmemFreeSkb,
  udpRecvmsg,
  type UdpSock,
  Context,
  Reader,
} from '@lastref/kernel';
import { received, type OperationBench } from '../operation.ts';
import { Once } from '../stage/hands.ts';

/** A second socket of the bench's host, with the same route. */
export function anotherSocket(b: OperationBench, name: string): TcpSock {
  const { k, sk } = b;
  const { stack, route, peerAddress } = sk;
  const flow = k.newFlow(Side.PEER);
  const other = new TcpSock(stack, name, flow, Side.PEER, route, 3, peerAddress, 4);
  other.driven = true;
  return other;
}

/**
 * `skb` is handed to the protocols, and waits at `sk`, in order, charged to its receive memory. Throws NoMemory, and then nothing
 * has changed. @kernel net/ipv4/tcp_input.c tcp_queue_rcv, skb_set_owner_r
 */
export function arrive(b: OperationBench, sk: TcpSock, skb: SkBuff): void {
  received(b, skb);
  b.gone(skb);
  skbSetOwnerR(b.k, skb, sk);
  if (sk.receiveQueue.first === null) sk.copiedSeq = skb.seq;
  sk.receiveQueue.push(skb);
  sk.rcvQueued += skb.len;
  sk.rcvNxt = (skb.seq + skb.len) | 0;
}

/** Whoever can do one thing from now on, when he likes. */
export function due(k: Kernel, name: string, verb: string, act: () => void): Once {
  const step = new Once(k, name, verb, act);
  step.arm();
  return step;
}

/** An application that reads a stream when the bench says so. */
export class StreamReader extends SingleStep implements ByteSink {
  private readonly sk: TcpSock;

  constructor(sk: TcpSock) {
    super(`reader of ${sk.name}`, 'reads all there is');
    this.sk = sk;
    sk.k.agenda.add(this);
    if (sk.receiveQueue.first !== null) sk.k.agenda.arm(this.place, sk.k.agenda.now);
  }

  take(): boolean {
    const { sk } = this;
    sk.k.agenda.disarm(this.place);
    sk.k.context = Context.PROCESS;
    return tcpRecvmsg(sk, this, 0x7fffffff) > 0;
  }

  bytes(): void {}
}

declareState(StreamReader, {
  constant: 'sk',
});

/** An application that reads datagrams when the bench says so. */
export class DatagramReader extends SingleStep {
  private readonly sk: UdpSock;

  constructor(sk: UdpSock) {
    super(`reader of ${sk.name}`, 'reads a datagram');
    this.sk = sk;
    sk.k.agenda.add(this);
    sk.user = this;
  }

  datagramReady(): void {
    this.sk.k.agenda.arm(this.place, this.sk.k.agenda.now);
  }

  take(): boolean {
    const { sk } = this;
    if (udpRecvmsg(sk, null) < 0) return false;
    if (sk.receiveQueue.first === null) sk.k.agenda.disarm(this.place);
    return true;
  }
}

declareState(DatagramReader, {
  constant: 'sk',
});

/**
 * The device of a second connection sends all that is queued, and the peer acknowledges it. What is queued are the
 * bytes of `packet`, so that is what an observer is told.
 */
export class PeerAck extends SingleStep {
  private readonly sk: TcpSock;
  private readonly flow: number;
  private readonly shift: number;

  constructor(sk: TcpSock, packet: { readonly flow: number; readonly seq: number }) {
    super(`peer of ${sk.name}`, 'acknowledges');
    this.sk = sk;
    this.flow = packet.flow;
    this.shift = packet.seq - (sk.writeQueue.first?.seq ?? 0);
    sk.k.agenda.add(this);
    if (sk.writeQueue.first !== null) sk.k.agenda.arm(this.place, sk.k.agenda.now);
  }

  take(): boolean {
    const { sk, flow, shift } = this;
    const { k } = sk;
    k.agenda.disarm(this.place);
    k.context = Context.SOFTIRQ;
    for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift()) {
      skb.flow = flow;
      skb.seq = (skb.seq + shift) | 0;
      probeReads(k, skb, Reader.NIC);
      wmemFreeSkb(sk, skb);
    }
    sk.sendHead = null;
    return true;
  }
}

declareState(PeerAck, {
  constant: 'sk flow shift',
});

/** As PeerAck, of pages of the sender's own, which nobody has lent: no observer is told. */
export class OwnPagesAck extends SingleStep {
  private readonly sk: TcpSock;

  constructor(sk: TcpSock) {
    super(`peer of ${sk.name}`, 'acknowledges');
    this.sk = sk;
    sk.k.agenda.add(this);
    sk.k.agenda.arm(this.place, sk.k.agenda.now);
  }

  take(): boolean {
    const { sk } = this;
    sk.k.agenda.disarm(this.place);
    for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift())
      wmemFreeSkb(sk, skb);
    sk.sendHead = null;
    return true;
  }
}

declareState(OwnPagesAck, {
  constant: 'sk',
});
