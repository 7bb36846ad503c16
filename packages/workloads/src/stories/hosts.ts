// Stories of processes and guests that send through the host's bridge.
import { Reader, Side, Transmit, Tun, Vif, type Kernel } from '@lastref/kernel';
import { Announcement } from '../apps/station.ts';
import { BRIDGE_MTU, GUEST_1, GUEST_2, WIRE, bridged } from '../catalog/bridged.ts';
import { Guest } from '../producers/guest.ts';
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

/**
 * A guest with two buffers that sends to another guest, who has one, and to the wire; its pages are replaced when they
 * are in use for half a second, or never.
 */
function twoGuests(transmit: Transmit): (k: Kernel) => Scenario {
  return (k) => {
    const { bridge } = bridged(k, GBIT, undefined);
    const vif = { features: ALL_FEATURES, mtu: BRIDGE_MTU, slots: 1, takeTicks: 10 };
    const [one, other] = ['vif1', 'vif2'].map(
      (name) => new Vif(k, name, { ...vif, drainTicks: 10_000_000, stops: false }),
    );
    bridge.add(one!);
    bridge.add(other!);
    new Announcement(k, other!, GUEST_2, 6_000);
    const guest = new Guest(k, one!, {
      name: 'guest 1',
      side: Side.LENT,
      address: GUEST_1,
      to: [GUEST_2, GUEST_2, WIRE, WIRE],
      packets: 4,
      pagesPerPacket: 1,
      buffers: 2,
      everyTicks: 0,
      transmit,
    });
    return { participants: [guest], chances: new Map() };
  };
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
    guest: {
      sends: (): void =>
        stage.deed('guest 1 fills a buffer and sends it, if it has one', () =>
          stage.takeIfArmed('guest 1 send'),
        ),
    },
    other: {
      sleeps: (): void =>
        stage.deed('guest 2 posts its buffer no more', () => stage.wait('guest of vif2')),
      wakes: (): void => stage.deed('guest 2 goes on', () => stage.goOn('guest of vif2')),
    },
    time: {
      halfASecond: (): void =>
        stage.deed('half a second passes', () => stage.takeIfArmed('vif1 pending timer')),
      tenSeconds: (): void =>
        stage.deed('ten seconds pass', () => stage.takeIfArmed('vif2 drain timer')),
    },
    nic: {
      stalls: (): void => stage.deed('the nic stalls', () => stage.wait('dma nic eth0')),
      resumes: (): void => stage.deed('the nic resumes', () => stage.goOn('dma nic eth0')),
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
  story(
    "one guest's page waits for another guest, a second one under DMA, and half a second passes",
    {
      id: 'netback-late-copy',
      why: 'Under the same frame number there is a copy from then on: guest 1 has its page back, fills it anew, and guest 2 reads what was sent. A page that a device has mapped cannot be replaced.',
      set: twoGuests(Transmit.MAP_AND_COPY_LATE),
    },
    ({ stage }) => {
      const { guest, other, nic, time } = castOf(stage);
      other.sleeps();
      nic.stalls();
      guest.sends(); // fills the one buffer of guest 2
      guest.sends(); // waits for it
      guest.sends(); // in the ring of the nic
      time.halfASecond();
      guest.sends();
      other.wakes();
      nic.resumes();
    },
  ),
  story(
    'a guest never takes its packets, and the driver drops them after ten seconds',
    {
      id: 'netback-drain',
      why: "Nobody copies: one guest keeps another one's page for as long as the host's patience lasts.",
      set: twoGuests(Transmit.MAP),
    },
    ({ stage }) => {
      const { guest, other, time } = castOf(stage);
      other.sleeps();
      guest.sends();
      guest.sends(); // waits
      time.tenSeconds();
      guest.sends();
    },
  ),
];
