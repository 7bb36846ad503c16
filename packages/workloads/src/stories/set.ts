// The machine that a story plays on.
import {
  CHANGES,
  Loopback,
  PacketSock,
  Side,
  TcpHost,
  TeeToEsp,
  type Features,
  type Kernel,
  type NamedSpan,
  type SocketUser,
} from '@lastref/kernel';
import { PROXY_NEEDS, Proxy } from '../apps/proxy.ts';
import type { Participant, Scenario } from '../scenario.ts';
import { ALL_FEATURES, HOST_A, HOST_B, twoHosts, type TwoHosts } from '../topology.ts';
import { iscsiSet, type IscsiSet } from './set-iscsi.ts';
import { nfsSet } from './set-nfs.ts';
import { Reader, Writer, type Range, type WriterOptions } from './writer.ts';

const MBIT = 1_000_000;

/** What the writer lends by default: one page. */
export interface SetOptions extends Partial<WriterOptions> {
  /** Writer and reader share a host. */
  readonly loopback?: boolean;
  /** What the writer's device can do. Default: everything. */
  readonly features?: Features;
  /** The socket believes in scatter/gather and large packets, whatever the device can do. */
  readonly staleRoute?: boolean;
  readonly ringSize?: number;
  /** A packet tap listens on the writer's device. */
  readonly tap?: boolean;
  /** Netfilter duplicates the writer's packets to this host, and ESP decrypts the duplicates. */
  readonly tee?: boolean;
  /** A proxy on the writer's host moves what comes over loopback to its connection with the reader, by splice. */
  readonly proxy?: boolean;
  /** The reader's receive buffer. */
  readonly rcvbuf?: number;
  /** In place of writer and reader: an NFS client that writes so many pages, and its server. */
  readonly nfsPages?: number;
  /** In place of both: a disk behind an iSCSI initiator, one write of one page, and its target. */
  readonly iscsi?: IscsiSet;
  /** They speak UDP. */
  readonly nfsUdp?: boolean;
  /** The client copies what it sends again. */
  readonly nfsResendCopies?: boolean;
}

/** `count` whole pages from page number `first`. */
export function wholePages(count: number, first = 0): Range[] {
  return Array.from({ length: count }, (_, i) => ({ page: first + i, offset: 0, size: 4096 }));
}

/** What the kernel must have for such a machine. */
export function needsOf({ proxy, tee }: SetOptions): NamedSpan[] {
  const duplicates: NamedSpan = { id: 'xt_TEE', since: CHANGES.teeTarget, until: null };
  return [...(proxy === true ? PROXY_NEEDS : []), ...(tee === true ? [duplicates] : [])];
}

export function buildSet(k: Kernel, options: SetOptions): Scenario {
  if (options.loopback === true) return onLoopback(k, options);
  const net = twoHosts(k, {
    rate: 1000 * MBIT,
    delayTicks: 1_000,
    features: options.features ?? ALL_FEATURES,
    ringSize: options.ringSize ?? 64,
  });
  if (options.tap === true) net.nicA.taps.push(new PacketSock(k, 'tap', 50));
  if (options.tee === true) net.nicA.taps.push(new TeeToEsp(k, 'esp', 50));
  const routeA = options.staleRoute === true ? { ...net.routeA, sg: true, gso: true } : net.routeA;
  let participant: Participant;
  if (options.iscsi !== undefined) {
    participant = iscsiSet(k, net, options.iscsi);
  } else if (options.nfsPages === undefined) {
    const writer = new Writer(k, Side.LENT, { operations: [wholePages(1)], ...options });
    net.b.listen(5001, new Reader(k, Side.PEER, net.routeB, writer, options.rcvbuf));
    const to = options.proxy === true ? throughProxy(k, net, writer) : writer;
    net.a.connect('sender', Side.LENT, routeA, 45001, HOST_B, 5001, to);
    participant = writer;
  } else {
    participant = nfsSet(k, net, routeA, options);
  }
  return { participants: [participant], chances: new Map() };
}

/** The writer is connected to a proxy; returns whoever of the proxy has to be connected to the reader. */
function throughProxy(k: Kernel, net: TwoHosts, writer: Writer): SocketUser {
  const lo = new Loopback(k);
  lo.receiver = net.a;
  const { route } = lo;
  const proxy = new Proxy(k, { name: 'proxy', side: Side.LENT, route, wakeTicks: 0 });
  net.a.listen(3128, proxy);
  net.a.connect('writer', Side.LENT, route, 45002, HOST_A, 3128, writer);
  return proxy.downstream;
}

function onLoopback(k: Kernel, options: SetOptions): Scenario {
  const host = new TcpHost(k, 'a', HOST_A);
  const lo = new Loopback(k);
  lo.receiver = host;
  if (options.tap === true) lo.taps.push(new PacketSock(k, 'tap', 50));
  const { route } = lo;
  const writer = new Writer(k, Side.LENT, { operations: [wholePages(1)], ...options });
  host.listen(5001, new Reader(k, Side.LENT, route, writer, options.rcvbuf));
  host.connect('sender', Side.LENT, route, 45001, HOST_A, 5001, writer);
  return { participants: [writer], chances: new Map() };
}
