// Stories of processes and guests that send through the host's bridge.
import { Reader, Side, Tun, type Kernel } from '@lastref/kernel';
import { Announcement } from '../apps/station.ts';
import { BRIDGE_MTU, GUEST_1, GUEST_2, WIRE, bridged } from '../catalog/bridged.ts';
import { VringProcess } from '../producers/vring.ts';
import type { Scenario } from '../scenario.ts';
import { ALL_FEATURES } from '../topology.ts';
import type { Stage } from './stage.ts';
import { story, type Story } from './story.ts';

const GBIT = 1_000_000_000;

/** Two processes behind tun devices; the first has a ring of two, and sends to the second one and to the wire. */
function twoProcesses(k: Kernel): Scenario {
  const { bridge } = bridged(k, GBIT, undefined);
  const tun = { features: ALL_FEATURES, mtu: BRIDGE_MTU, reader: Reader.APPLICATION };
  const [one, other] = ['tun0', 'tun1'].map((name) => new Tun(k, name, { ...tun, readTicks: 10 }));
  bridge.add(one!);
  bridge.add(other!);
  new Announcement(k, other!, GUEST_2, 6_000);
  const process = new VringProcess(k, one!, {
    name: 'process',
    side: Side.LENT,
    address: GUEST_1,
    to: [GUEST_2, WIRE, WIRE],
    packets: 3,
    pagesPerPacket: 1,
    entries: 2,
    everyTicks: 0,
  });
  return { participants: [process], chances: new Map() };
}

/** Who acts behind the bridge. */
function castOf(stage: Stage) {
  return {
    process: {
      posts: (): void =>
        stage.deed('the process fills a buffer and posts it, if it has one', () =>
          stage.takeIfArmed('process post'),
        ),
    },
    neighbour: {
      sleeps: (): void =>
        stage.deed('the other process reads nothing', () => stage.wait('read tun1')),
      reads: (): void => stage.deed('the other process reads', () => stage.goOn('read tun1')),
    },
  };
}

export const HOSTS: readonly Story[] = [
  story(
    'a packet that nobody reads, and behind it in the ring one that left long ago',
    {
      id: 'vring-order',
      why: 'Descriptors are marked used in order: the sender gets the second buffer back no sooner than the first, and sends nothing meanwhile. Told too early, it fills the first one anew while it waits to be read.',
      set: twoProcesses,
    },
    ({ stage }) => {
      const { process, neighbour } = castOf(stage);
      neighbour.sleeps();
      process.posts();
      process.posts();
      process.posts();
      neighbour.reads();
    },
  ),
];
