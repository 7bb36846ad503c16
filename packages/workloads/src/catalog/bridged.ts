// A bridge with a wire at one port: what guests and processes of one host share.
import { Bridge, Link, Nic, type Kernel } from '@lastref/kernel';
import { Announcement } from '../apps/station.ts';
import { ALL_FEATURES } from '../topology.ts';

/** Stations: two guests of the host, and a machine out on the wire. */
export const GUEST_1 = 0x0a07000b; // 10.7.0.11
export const GUEST_2 = 0x0a07000c;
export const WIRE = 0x0a070063;

export const BRIDGE_MTU = 9000;

export interface Bridged {
  readonly bridge: Bridge;
  readonly eth0: Nic;
}

/** A bridge and its uplink of `rate` bits per second, which ends nowhere. */
export function bridged(k: Kernel, rate: number, operations: number | undefined): Bridged {
  const bridge = new Bridge(k, 'br0', ALL_FEATURES, BRIDGE_MTU);
  const eth0 = new Nic(k, 'nic eth0', {
    features: ALL_FEATURES,
    mtu: BRIDGE_MTU,
    ringSize: operations === undefined ? 256 : 16,
    dmaTicks: 2,
    txDoneTicks: 30,
  });
  eth0.link = new Link(k, 'uplink', { rate, delayTicks: 100 }, null);
  bridge.add(eth0);
  // in miniature nobody is known, and every packet goes out at all ports
  if (operations === undefined) new Announcement(k, eth0, WIRE, 4_000);
  return { bridge, eth0 };
}
