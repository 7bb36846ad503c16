// The smallest world with a stream in it: two hosts, a wire, somebody who reads.
import { Link, Nic, Side, type Kernel, type NetDevice, type SocketUser } from '@lastref/kernel';
import {
  ALL_FEATURES,
  Consumer,
  HOST_B,
  NO_FEATURES,
  twoHosts,
  type Participant,
  type TwoHosts,
  type Workload,
} from '@lastref/workloads';

const PORT = 5001;

export interface WireOfBug {
  /** Bytes that a socket takes before its owner waits. */
  readonly sndbuf?: number;
  /** The sender's device has no scatter/gather, and its socket does not know: packets are made linear for the driver. */
  readonly linear?: boolean;
}

export function wire(k: Kernel, { sndbuf = 65_536, linear = false }: WireOfBug = {}): TwoHosts {
  const net = twoHosts(k, {
    rate: 1_000_000_000,
    delayTicks: 1_000,
    mtu: 9000,
    ringSize: 8,
    peerRingSize: 8,
    wmem: sndbuf,
    ...(linear ? { features: NO_FEATURES } : {}),
  });
  return linear ? { ...net, routeA: { ...net.routeA, sg: true } } : net;
}

/** The `n`-th stream from a to b, and its reader. */
export function streamOver(k: Kernel, net: TwoHosts, user: SocketUser, name: string, n = 0): void {
  const consumer = new Consumer(k, {
    name: `receiver${n === 0 ? '' : ` ${n + 1}`}`,
    side: Side.PEER,
    route: net.routeB,
    readBytes: 1 << 20,
    readTicks: 20,
  });
  net.b.listen(PORT + n, consumer);
  net.a.connect(name, Side.LENT, net.routeA, 40000 + n, HOST_B, PORT + n, user);
}

/** A card for whoever has packets and no socket; nobody is at the other end of its wire. */
export function card(k: Kernel): NetDevice {
  const nic = new Nic(k, 'nic', {
    features: ALL_FEATURES,
    mtu: 9000,
    ringSize: 4,
    dmaTicks: 2,
    txDoneTicks: 30,
  });
  nic.link = new Link(k, 'wire', { rate: 1e10, delayTicks: 1_000 }, null);
  return nic;
}

/** A workload that one owner of buffers is all of. */
export function workloadOf(
  id: string,
  title: string,
  owner: (k: Kernel) => Participant,
  lends: NonNullable<Workload['lends']> = { by: 'requests', over: 'tcp' },
): Workload {
  return {
    id,
    title,
    story: title,
    lends,
    frames: 64,
    horizonTicks: 60_000_000,
    build: (k) => ({ participants: [owner(k)], chances: new Map() }),
  };
}

/** The same, with a stream from it to a reader. */
export function streamOf(
  id: string,
  title: string,
  owner: (k: Kernel) => Participant & SocketUser,
  options: WireOfBug = {},
): Workload {
  return workloadOf(id, title, (k) => {
    const net = wire(k, options);
    const one = owner(k);
    streamOver(k, net, one, one.name);
    return one;
  });
}
