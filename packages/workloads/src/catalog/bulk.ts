// Streams over a wire, where the wire or the device is the point.
import { CHANGES, type Kernel } from '@lastref/kernel';
import type { Scenario, Workload } from '../scenario.ts';
import { NO_FEATURES, type TwoHosts, type WireOptions } from '../topology.ts';
import { GBIT, HORIZON, MBIT, chances, stream, streamOptions, world } from './parts.ts';

/** 1 Gbit/s and 10 ms, of which one packet in a hundred never arrives. */
const LOSSY = { rate: GBIT, delayTicks: 5_000, mtu: 1500 };

/** Blocks of 16 KiB through such a wire. */
function lossy(k: Kernel, wire: WireOptions, operations: number | undefined): Scenario {
  // 1500 also in miniature: a page in three packets is what SACK and partial ACKs need
  const net = world(k, wire, operations);
  const size = { operations: 320, pagesPerOperation: 4, sets: 128 };
  const producer = stream(k, net, streamOptions({ name: 'bulk', ...size }, operations));
  return { participants: [producer], chances: chances([net.forward.place, { drop: 10_000 }]) };
}

export const BULK_LOSS: Workload = {
  id: 'bulk-loss',
  title: 'bulk transfer over 1 % loss',
  story:
    '5 MiB in blocks of 16 KiB over 1 Gbit/s and 10 ms, one packet in a hundred lost: SACK, fast retransmission, fragments cut and moved between skbs.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'remote peer',
  frames: 4096,
  horizonTicks: HORIZON,
  build: (k, _seed, operations) => lossy(k, LOSSY, operations),
};

export const BULK_LOSS_GRO: Workload = {
  ...BULK_LOSS,
  id: 'bulk-loss-gro',
  title: 'bulk transfer over 1 % loss, to a receiver with GRO',
  story:
    'The same, and what arrives in a row is one packet for the receiver, as with most since 2009: one acknowledgement covers several segments, and one block of SACK whole packets of the sender, which from 2.6.29 on become one.',
  build: (k, _seed, operations) => lossy(k, { ...LOSSY, gro: true }, operations),
};

export const NO_SG: Workload = {
  id: 'no-sg',
  title: 'a device without scatter/gather',
  story:
    'One socket knows that its route has no scatter/gather and copies at once; another connected while it had, and its packets are made linear on their way to the driver. From 4.17 on TCP does not ask: it lends to both, and their large packets are copied where they are cut.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const wire = { rate: 100 * MBIT, delayTicks: 1_000, features: NO_FEATURES };
    const net = world(k, wire, operations);
    const always = k.era.changes.has(CHANGES.gsoAlways); // and with that NETIF_F_SG [sk_setup_caps]
    const stale: TwoHosts = { ...net, routeA: { ...net.routeA, sg: true, gso: always } };
    const knows = always ? stale : net;
    const size = { operations: 20, pagesPerOperation: 8, sets: 4 };
    // in miniature the operations are dealt out, and the first goes to the one that believes
    const share = operations === undefined ? [undefined, undefined] : halves(operations);
    const [mine, other] = share as [number | undefined, number | undefined];
    const participants = [];
    if (other !== 0)
      participants.push(stream(k, knows, streamOptions({ name: 'knows', ...size }, other), 5001));
    participants.push(stream(k, stale, streamOptions({ name: 'believes', ...size }, mine), 5002));
    return { participants, chances: chances([net.forward.place, { drop: 2_000 }]) };
  },
};

/** The larger half first. */
function halves(n: number): [number, number] {
  return [n - Math.floor(n / 2), Math.floor(n / 2)];
}
