// Disks behind an iSCSI initiator.
import { CHANGES, Side, TcpPath, type Digests, type Kernel } from '@lastref/kernel';
import { IscsiTarget, Portal } from '../apps/iscsi-target.ts';
import { Outage, Teardown } from '../apps/teardown.ts';
import { IscsiDisk, type IscsiDiskOptions } from '../producers/iscsi.ts';
import { FileWriter } from '../producers/ordinary.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { secondPath, type TwoHosts } from '../topology.ts';
import { HORIZON, KIB, MBIT, chances, inSize, ordinaryStream, world } from './parts.ts';

const PORT = 3260;
const NO_DIGESTS: Digests = { header: false, data: false };

type DiskSize = Partial<IscsiDiskOptions> & { readonly writesPerWriter: number };

/** The way from the initiator at a to the portal at b of `net`. */
function pathOf(net: TwoHosts, name: string, localPort: number): TcpPath {
  return new TcpPath(name, net.a, Side.LENT, net.routeA, localPort, net.b.address, PORT);
}

/** Six writers of 32 KiB; with `operations` given, that many writers of one page, one write each. */
function disk(
  k: Kernel,
  paths: readonly TcpPath[],
  size: DiskSize,
  operations: number | undefined,
): IscsiDisk {
  const options = { name: 'iscsi', side: Side.LENT, reuseTicks: 0, ...NO_DIGESTS, paths, ...size };
  return new IscsiDisk(
    k,
    operations === undefined
      ? { ...options, writers: 6, pagesPerWrite: 8 }
      : { ...options, writers: operations, pagesPerWrite: 1, writesPerWriter: 1 },
  );
}

/** The target at b, which asks for 16 KiB at a time. */
function targetAt(k: Kernel, net: TwoHosts, seed: number, digests = NO_DIGESTS): IscsiTarget {
  const times = { burstBytes: 16 * KIB, serviceTicks: 300, spreadTicks: 500 };
  const options = { name: 'target', side: Side.PEER, route: net.routeB, ...times, ...digests };
  const target = new IscsiTarget(k, options, seed);
  net.b.listen(PORT, target);
  return target;
}

export const ISCSI_WRITE: Workload = {
  id: 'iscsi-write',
  title: 'iSCSI writes, retransmission by TCP alone',
  story:
    'Six commands at a time; the target asks for the data of each, burst by burst, and its status ends the command. Now and then all ACKs and answers are held back longer than the retransmission timeout; they arrive with the retransmission in the ring.',
  lends: { by: 'requests', over: 'tcp' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    net.reverse.holdTicks = 212_000;
    const initiator = disk(k, [pathOf(net, 'iscsi', 900)], { writesPerWriter: 12 }, operations);
    targetAt(k, net, seed);
    const held = chances([net.reverse.place, { hold: 10_000 }]);
    if (operations !== undefined) return { participants: [initiator], chances: held };
    const other = ordinaryStream(k, net, 'backup', 600 * KIB, 5010);
    return { participants: [initiator, other], chances: held };
  },
};

export const ISCSI_DIGEST: Workload = {
  id: 'iscsi-digest',
  title: 'iSCSI with digests, pages are written to while they are under writeback',
  story:
    'The initiator sums the data when it queues it and lends the pages all the same, as the kernel does not: it copies when there is a data digest. A page that is written to before the device reads it is refused by the target, and the command is tried again, with the new bytes and a new digest: nothing wrong reaches the disk, but it takes its time.',
  lends: { by: 'writeback', over: 'tcp' },
  who: 'local user',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const digests = { header: true, data: true };
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = { writesPerWriter: 8, reuseTicks: 5_000, buffered: true };
    const options = { ...size, ...digests, digestByReference: true };
    const initiator = disk(k, [pathOf(net, 'iscsi', 900)], options, operations);
    targetAt(k, net, seed, digests);
    const pages = initiator.writers.flatMap((writer) => writer.pages);
    // in miniature not before the session is up
    const [every, times] = operations === undefined ? [700, 700] : [9_000, operations];
    const writer = new FileWriter(k, 'application', pages, every, times, initiator);
    const odd = chances([net.forward.place, {}], [writer.place, {}]);
    if (operations !== undefined) return { participants: [initiator], chances: odd };
    const other = ordinaryStream(k, net, 'backup', 600 * KIB, 5010);
    return { participants: [initiator, other], chances: odd };
  },
};

export const ISCSI_RECOVERY: Workload = {
  id: 'iscsi-recovery',
  title: 'iSCSI session recovery by another portal',
  story:
    'A device stops reading with packets in its ring. The initiator gives the connection up, logs in by another device, sends its unfinished commands again as the same tasks, and is answered; then the first device goes on with what it still has. The login has ended the old connection at the target, so nobody gets these bytes; a device reads them.',
  lends: { by: 'requests', over: 'tcp', drains: { until: CHANGES.iscsiAborts } },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const wire = { rate: 100 * MBIT, delayTicks: 1_000 };
    const net = world(k, wire, operations);
    const other = secondPath(k, net.a, inSize(wire, operations));
    const paths = [pathOf(net, 'iscsi', 900), pathOf(other, 'iscsi2', 700)];
    const initiator = disk(k, paths, { writesPerWriter: 10 }, operations);
    const target = targetAt(k, net, seed);
    other.b.listen(PORT, new Portal(target, other.routeB));
    const givesUp = 'gives its connection up';
    if (operations !== undefined) {
      // the step that reads a descriptor is simply not taken
      new Teardown(k, 'initiator', givesUp, initiator, 9_000);
      return { participants: [initiator], chances: chances() };
    }
    new Outage(k, net.nicA, 80_000, 1_600_000, 0, 1);
    new Teardown(k, 'initiator', givesUp, initiator, 120_000);
    new Outage(k, other.nicA, 1_180_000, 1_600_000, 0, 1);
    new Teardown(k, 'initiator again', givesUp, initiator, 1_220_000);
    const backup = ordinaryStream(k, net, 'backup', 600 * KIB, 5010);
    return { participants: [initiator, backup], chances: chances() };
  },
};
