// A process that sends by a ring of its tun device, over a bridge, to the wire and to another process.
import { Reader, Side, Tun, type Kernel } from '@lastref/kernel';
import { Announcement, ReaderStops } from '../apps/station.ts';
import { VringProcess } from '../producers/vring.ts';
import type { Participant, Scenario, Workload } from '../scenario.ts';
import { ALL_FEATURES } from '../topology.ts';
import { BRIDGE_MTU, GUEST_1, GUEST_2, WIRE, bridged } from './bridged.ts';
import { GBIT, HORIZON, KIB, MBIT, SECOND, chances, ordinaryStream, world } from './parts.ts';

interface Parts {
  readonly participants: Participant[];
  /** The device of the process that is sent to. */
  readonly other: Tun;
}

function build(k: Kernel, operations: number | undefined, readTicks: number): Parts {
  const { bridge } = bridged(k, GBIT, operations);
  const tun = { features: ALL_FEATURES, mtu: BRIDGE_MTU, reader: Reader.APPLICATION };
  const one = new Tun(k, 'tun0', { ...tun, readTicks: 10 });
  const other = new Tun(k, 'tun1', { ...tun, readTicks });
  bridge.add(one);
  bridge.add(other);
  const whole = operations === undefined;
  const process = new VringProcess(k, one, {
    name: 'process',
    side: Side.LENT,
    address: GUEST_1,
    to: whole ? [WIRE, WIRE, GUEST_2] : [WIRE],
    packets: operations ?? 200,
    pagesPerPacket: whole ? 2 : 1,
    entries: whole ? 32 : operations,
    everyTicks: 100,
  });
  if (!whole) return { participants: [process], other };
  new Announcement(k, other, GUEST_2, 6_000);
  const beside = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
  const ordinary = ordinaryStream(k, beside, 'backup', 256 * KIB, 5010);
  return { participants: [process, ordinary], other };
}

export const VRINGFD: Workload = {
  id: 'vringfd',
  title: 'tun with vringfd: a process posts transmit buffers in a ring',
  story:
    'A descriptor is marked used when the stack is done with its pages: by a worker, as this writes to user memory, and in order. Some packets are read by a slow process on the same host, and those behind them wait.',
  lends: { by: 'process', over: 'device' },
  who: 'local user',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    return { participants: build(k, operations, 2_500).participants, chances: chances() };
  },
};

export const VRINGFD_READER_STOPS: Workload = {
  id: 'vringfd-reader-stops',
  title: 'tun with vringfd, and the process that is sent to stops reading',
  story:
    'Its queue has pages of the sender and nobody to make it let go of them: descriptors that wait for it hold up the whole ring, until the process is killed ten seconds later.',
  lends: { by: 'process', over: 'device' },
  who: 'local user',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const { participants, other } = build(k, operations, 500);
    if (operations === undefined) new ReaderStops(k, other, 20_000, 10 * SECOND);
    else new ReaderStops(k, other, 50, 5_000);
    return { participants, chances: chances() };
  },
};
