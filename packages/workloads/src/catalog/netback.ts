// Guests of one host: one sends, over the host's bridge, to the wire and to another guest.
import { NEVER, PENDING_TICKS, Side, Transmit, Vif, type Kernel } from '@lastref/kernel';
import { Announcement } from '../apps/station.ts';
import { Guest } from '../producers/guest.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { ALL_FEATURES } from '../topology.ts';
import { BRIDGE_MTU, GUEST_1, GUEST_2, WIRE, bridged } from './bridged.ts';
import { GBIT, HORIZON, KIB, MBIT, SECOND, chances, ordinaryStream, world } from './parts.ts';

interface Guests {
  readonly transmit: Transmit;
  /** Of the guest that is sent to: ticks over each packet, and the driver's patience. */
  readonly takeTicks: number;
  readonly drainTicks: number;
  readonly stops: boolean;
  readonly slots: number;
  readonly slotsInMiniature: number;
  readonly packets: number;
}

function build(k: Kernel, operations: number | undefined, guests: Guests): Scenario {
  const { bridge } = bridged(k, GBIT, operations);
  const { takeTicks, drainTicks, stops } = guests;
  const whole = operations === undefined;
  const vif = { features: ALL_FEATURES, mtu: BRIDGE_MTU, takeTicks, drainTicks, stops };
  const one = new Vif(k, 'vif1', { ...vif, slots: 64 });
  const other = new Vif(k, 'vif2', {
    ...vif,
    slots: whole ? guests.slots : guests.slotsInMiniature,
  });
  bridge.add(one);
  bridge.add(other);
  const guest = new Guest(k, one, {
    name: 'guest 1',
    side: Side.LENT,
    address: GUEST_1,
    to: whole ? [WIRE, GUEST_2, WIRE] : [WIRE],
    packets: operations ?? guests.packets,
    pagesPerPacket: whole ? 2 : 1,
    buffers: whole ? 32 : operations,
    everyTicks: 100,
    transmit: guests.transmit,
  });
  if (!whole) return { participants: [guest], chances: chances() };
  new Announcement(k, other, GUEST_2, 6_000);
  const beside = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
  const ordinary = ordinaryStream(k, beside, 'backup', 256 * KIB, 5010);
  return { participants: [guest, ordinary], chances: chances() };
}

export const NETBACK_BRIDGE: Workload = {
  id: 'netback-bridge',
  title: "Xen netback, a guest's packets over a bridge",
  story:
    "Pages of a guest are mapped by grant and go to the wire and to a second guest, which is slow. They are unmapped when the stack is done with them, and must not reach the host's free list; what is in use for half a second is replaced by a copy.",
  lends: { by: 'guest', over: 'device' },
  who: 'guest',
  frames: 4096,
  horizonTicks: HORIZON,
  build: (k, _seed, operations): Scenario =>
    build(k, operations, {
      transmit: Transmit.MAP_AND_COPY_LATE,
      takeTicks: 40_000,
      drainTicks: PENDING_TICKS,
      stops: true,
      slots: 8,
      slotsInMiniature: 1,
      packets: 200,
    }),
};

/** A second guest that takes four packets and no more; the driver drops what waits for ten seconds. */
const HOSTILE = {
  takeTicks: NEVER,
  drainTicks: 10 * SECOND,
  stops: false,
  slots: 4,
  slotsInMiniature: 0,
  packets: 200,
} as const;

export const NETBACK_HOSTILE: Workload = {
  id: 'netback-hostile',
  title: 'Xen netback, and a second guest that never takes its packets',
  story:
    "It posts no buffers, so that pages of the first guest wait for it, for ten seconds each, and nobody copies: how long one guest can keep what is another one's.",
  lends: { by: 'guest', over: 'device' },
  who: 'guest',
  frames: 4096,
  horizonTicks: HORIZON,
  build: (k, _seed, operations): Scenario =>
    build(k, operations, { transmit: Transmit.MAP, ...HOSTILE }),
};

export const NETBACK_GRANT_COPY: Workload = {
  id: 'netback-grant-copy',
  title: 'Xen netback that copies at once',
  story:
    'The same guests, and a host that has every packet copied when it takes it from the ring: nothing of a guest waits for anybody, and the host pays for the bytes.',
  lends: { by: 'guest', over: 'device' },
  who: 'guest',
  frames: 4096,
  horizonTicks: HORIZON,
  build: (k, _seed, operations): Scenario =>
    build(k, operations, { transmit: Transmit.GRANT_COPY, ...HOSTILE }),
};
