// Two hosts and a wire between them.
import {
  IpHost,
  Link,
  Nic,
  Side,
  TcpHost,
  UdpHost,
  UdpSock,
  type Features,
  type Kernel,
  type NicConfig,
  type Route,
} from '@lastref/kernel';

export const HOST_A = 0x0a070001; // 10.7.0.1
export const HOST_B = 0x0a070002;
/** Where b is reached by another network. */
export const HOST_B2 = 0x0a080002;

export const ALL_FEATURES: Features = { sg: true, csum: true, tso: true, gso: true };
export const NO_FEATURES: Features = { sg: false, csum: false, tso: false, gso: false };

export interface WireOptions {
  /** Bits per second. */
  readonly rate: number;
  /** One way, in ticks. */
  readonly delayTicks: number;
  readonly features?: Features;
  /** Descriptors of the transmit ring at a, and at b. */
  readonly ringSize?: number;
  readonly peerRingSize?: number;
  readonly mtu?: number;
  /** Bytes that a socket at a may have queued. */
  readonly wmem?: number;
  /** Each host joins the segments of a packet before it looks at them. */
  readonly gro?: boolean;
}

export interface TwoHosts {
  readonly a: TcpHost;
  readonly b: TcpHost;
  readonly nicA: Nic;
  readonly nicB: Nic;
  readonly forward: Link;
  readonly reverse: Link;
  readonly routeA: Route;
  readonly routeB: Route;
}

function nicConfig(options: WireOptions): NicConfig {
  return {
    features: options.features ?? ALL_FEATURES,
    mtu: options.mtu ?? 1500,
    ringSize: options.ringSize ?? 256,
    dmaTicks: 2,
    txDoneTicks: 30,
  };
}

/** Hosts a and b, a full-duplex link, the features of `options` at a; b has them all. */
export function twoHosts(k: Kernel, options: WireOptions): TwoHosts {
  return wire(k, new TcpHost(k, 'a', HOST_A), new TcpHost(k, 'b', HOST_B), options, '');
}

/** Another link from a, with devices of its own, to another address of b. */
export function secondPath(k: Kernel, a: TcpHost, options: WireOptions): TwoHosts {
  return wire(k, a, new TcpHost(k, 'b2', HOST_B2), options, '2');
}

function wire(k: Kernel, a: TcpHost, b: TcpHost, options: WireOptions, nth: string): TwoHosts {
  a.wmem = options.wmem;
  const nicA = new Nic(k, `nic a${nth}`, nicConfig(options));
  const nicB = new Nic(k, `nic b${nth}`, {
    ...nicConfig({ ...options, features: ALL_FEATURES, ringSize: options.peerRingSize ?? 4096 }),
    lendsNothing: true,
  });
  const forward = new Link(k, `link a${nth}>b${nth}`, options, nicB);
  const reverse = new Link(k, `link b${nth}>a${nth}`, options, nicA);
  nicA.link = forward;
  nicB.link = reverse;
  nicA.receiver = a;
  nicB.receiver = b;
  const { features } = nicA;
  return {
    a,
    b,
    nicA,
    nicB,
    forward,
    reverse,
    routeA: { device: nicA, sg: features.sg && features.csum, gso: features.gso || features.tso },
    routeB: { device: nicB, sg: true, gso: true },
  };
}

/** Lets one of two hosts speak UDP, too: its socket for NFS, connected to the other one's. */
export function udpSocket(k: Kernel, net: TwoHosts, at: 'a' | 'b'): UdpSock {
  const host = new IpHost(k, at, at === 'b');
  const udp = new UdpHost(k);
  const device = at === 'a' ? net.nicA : net.nicB;
  host.tcp = net[at];
  host.udp = udp;
  device.receiver = host;
  const client = { address: HOST_A, port: 800 };
  const server = { address: HOST_B, port: 2049 };
  const [local, peer] = at === 'a' ? [client, server] : [server, client];
  const sk = new UdpSock(k, `udp ${at}`, at === 'a' ? Side.LENT : Side.PEER, device, {
    localAddress: local.address,
    localPort: local.port,
    peerAddress: peer.address,
    peerPort: peer.port,
  });
  udp.bind(sk);
  return sk;
}
