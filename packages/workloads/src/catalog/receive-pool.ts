// A driver that lends what it receives: the pages of its pool go up by reference, and come home when nobody reads them.
import {
  IpHost,
  Nic,
  PAGE_SIZE,
  PacketSock,
  PageHome,
  ReceivePool,
  Side,
  UdpHost,
  UdpSock,
  Vif,
  allocHomePage,
  type Kernel,
  type NetDevice,
} from '@lastref/kernel';
import { DatagramReader } from '../apps/datagram-reader.ts';
import { Announcement } from '../apps/station.ts';
import { Neighbour } from '../producers/neighbour.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { ALL_FEATURES, HOST_A } from '../topology.ts';
import { BRIDGE_MTU, GUEST_2, WIRE, bridged } from './bridged.ts';
import { GBIT, HORIZON, SECOND, chances } from './parts.ts';

/** The machine that sends, at another port than the rest of the wire. */
const NEIGHBOUR = 0x0a070021; // 10.7.0.33
const PORT = 9; // discard

/** A neighbour whose datagrams of two pages, or one in miniature, `device` receives for each of `to` in turn. */
function received(
  k: Kernel,
  device: NetDevice,
  to: readonly number[],
  operations: number | undefined,
): Scenario {
  const pages = operations === undefined ? 2 : 1;
  const frames = operations ?? 200;
  // in miniature the last of several frames finds a buffer only where one came home
  const buffers = operations === undefined ? 64 : Math.max(1, frames - 1);
  const home = k.design.home ?? PageHome.GENERAL;
  const ring = Array.from({ length: buffers }, () => allocHomePage(k, home)); // no page cache has them
  const pool = new ReceivePool(k, device, Side.LENT, ring);
  const neighbour = new Neighbour(k, pool, {
    address: NEIGHBOUR,
    to,
    port: PORT,
    size: pages * PAGE_SIZE,
    frames,
    everyTicks: 100,
  });
  return { participants: [neighbour], chances: chances() };
}

/** The device that receives; it sends nothing. */
function receiver(k: Kernel, name: string): Nic {
  return new Nic(k, name, {
    features: ALL_FEATURES,
    mtu: BRIDGE_MTU,
    ringSize: 16,
    dmaTicks: 2,
    txDoneTicks: 30,
  });
}

export const RECEIVE_POOL_READER: Workload = {
  id: 'receive-pool-reader',
  title: "a driver's receive pool, a reader that is slow, and a tap",
  story:
    'The device receives into pages of a pool, and the driver passes them up by reference. They wait in the queue of a datagram socket, and in that of a tap; what comes home too early, the device fills with the next datagram.',
  lends: { by: 'driver', over: 'device' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const device = receiver(k, 'nic eth0');
    device.taps.push(new PacketSock(k, 'tap', 1_500));
    const host = new IpHost(k, 'a');
    const udp = new UdpHost(k);
    host.udp = udp;
    device.receiver = host;
    const sk = new UdpSock(k, 'udp a', Side.LENT, device, {
      localAddress: HOST_A,
      localPort: PORT,
      peerAddress: NEIGHBOUR,
      peerPort: PORT,
    });
    udp.bind(sk);
    new DatagramReader(k, 'slow reader', sk, 1_000);
    return received(k, device, [HOST_A], operations);
  },
};

export const RECEIVE_POOL_BRIDGE: Workload = {
  id: 'receive-pool-bridge',
  title: "a driver's receive pool, and a bridge that sends on what it receives",
  story:
    'What one device receives, a bridge sends out at another and to a guest that is slow: the pages of the pool stand in a transmit ring and wait for the guest, and nothing was copied on the way.',
  lends: { by: 'driver', over: 'device' },
  who: 'remote peer',
  frames: 4096,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const { bridge } = bridged(k, GBIT, operations);
    const whole = operations === undefined;
    const port = receiver(k, 'nic eth1');
    bridge.add(port);
    const guest = new Vif(k, 'vif2', {
      features: ALL_FEATURES,
      mtu: BRIDGE_MTU,
      takeTicks: 4_000,
      drainTicks: 10 * SECOND,
      stops: true,
      slots: whole ? 8 : 1,
    });
    bridge.add(guest);
    if (whole) new Announcement(k, guest, GUEST_2, 6_000);
    return received(k, port, whole ? [GUEST_2, WIRE] : [WIRE], operations);
  },
};
