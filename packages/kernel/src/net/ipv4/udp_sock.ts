// struct udp_sock: datagrams that are being put together, and datagrams that wait to be read. Nothing is ever
// acknowledged or sent again.
import { type Holder, type HolderVisitor, visitList } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import type { Page } from '../../mm/page_alloc.ts';
import type { AfOps } from '../af_ops.ts';
import type { NetDevice } from '../core/dev.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import { Sock } from '../core/sock.ts';
import { declareState } from '../../state.ts';
import { ipv4Specific } from './ip_header.ts';

export const UDP_HEADER = 8;

/** What a call answers that did not do its work. @kernel include/asm-generic/errno.h */
export const Errno = { EMSGSIZE: -90, EOPNOTSUPP: -95, ENOBUFS: -105 } as const;

/** The application of a datagram socket. */
export interface DatagramUser {
  /** A datagram waits. */
  datagramReady(sk: UdpSock): void;
}

/** Where and to whom a socket sends. */
export interface UdpAddress {
  readonly localAddress: number;
  readonly localPort: number;
  readonly peerAddress: number;
  readonly peerPort: number;
}

/** struct udp_sock */
export class UdpSock extends Sock implements Holder {
  readonly k: Kernel;
  readonly name: string;
  /** Stream number of what this end sends: its datagrams, one behind the other. */
  readonly flow: number;
  readonly side: Side;
  readonly device: NetDevice;
  readonly address: UdpAddress;
  /** IPv4 or IPv6. */
  readonly af: AfOps;
  user: DatagramUser | null = null;
  /** Packets of the datagram that is being put together. @kernel include/net/sock.h sk_write_queue */
  readonly writeQueue = new SkBuffHead();
  /** Payload bytes of all datagrams so far, the pending one included. */
  writeSeq = 0;
  /** A datagram is being put together. @kernel include/linux/udp.h udp_sock.pending */
  pending = false;
  /** Bytes behind the IP header of the pending datagram. @kernel include/net/inet_sock.h cork.length */
  corkLength = 0;
  /** The page that copied bytes of this socket go to. @kernel include/net/sock.h sk_sndmsg_page */
  sndmsgPage: Page | null = null;
  sndmsgOff = 0;
  readonly receiveQueue = new SkBuffHead();
  /** Datagrams that found the receive buffer full. */
  drops = 0;

  override get datagrams(): boolean {
    return true;
  }

  constructor(
    k: Kernel,
    name: string,
    side: Side,
    device: NetDevice,
    address: UdpAddress,
    af: AfOps = ipv4Specific,
  ) {
    super();
    this.k = k;
    this.name = name;
    this.flow = k.newFlow(side);
    this.slot = this.flow;
    this.side = side;
    this.device = device;
    this.address = address;
    this.af = af;
    this.rcvbuf = 212992;
    k.holders.push(this);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.writeQueue.first, visitor, 'corked datagram');
    visitList(this.receiveQueue.first, visitor, 'datagram queue');
  }
}

declareState(UdpSock, {
  state:
    'device address user writeQueue writeSeq pending corkLength sndmsgPage sndmsgOff receiveQueue',
  count: 'drops',
  constant: 'k name flow side af',
});
