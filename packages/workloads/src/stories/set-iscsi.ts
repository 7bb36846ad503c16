// The machine of stories about iSCSI.
import { Side, TcpPath, type Kernel } from '@lastref/kernel';
import { IscsiTarget, Portal } from '../apps/iscsi-target.ts';
import { Teardown } from '../apps/teardown.ts';
import { IscsiDisk } from '../producers/iscsi.ts';
import { FileWriter } from '../producers/ordinary.ts';
import { secondPath, type TwoHosts } from '../topology.ts';

export interface IscsiSet {
  /** Header and data have digests, and pages are lent all the same; an application writes to the page once. */
  readonly digests?: boolean;
  /** The target has a second portal, by another device; the initiator gives its connection up once. */
  readonly portals?: boolean;
}

const PORT = 3260;
/** Later than anything that a story does by the clock. */
const LATE = 1_000_000_000;

/** One disk that writes one page, and its target. */
export function iscsiSet(k: Kernel, net: TwoHosts, set: IscsiSet): IscsiDisk {
  const digests = { header: set.digests === true, data: set.digests === true };
  const { a, b, routeA, routeB } = net;
  const times = { burstBytes: 16_384, serviceTicks: 100, spreadTicks: 0 };
  const named = { name: 'target', side: Side.PEER, route: routeB };
  const target = new IscsiTarget(k, { ...named, ...times, ...digests }, 1);
  b.listen(PORT, target);
  const paths = [new TcpPath('sender', a, Side.LENT, routeA, 900, b.address, PORT)];
  if (set.portals === true) {
    const other = secondPath(k, a, { rate: 1_000_000_000, delayTicks: 1_000 });
    other.b.listen(PORT, new Portal(target, other.routeB));
    paths.push(new TcpPath('sender2', a, Side.LENT, other.routeA, 700, other.b.address, PORT));
  }
  const disk = new IscsiDisk(k, {
    name: 'iscsi',
    side: Side.LENT,
    writers: 1,
    pagesPerWrite: 1,
    writesPerWriter: 1,
    reuseTicks: 0,
    paths,
    ...digests,
    digestByReference: true,
    buffered: set.digests === true,
  });
  if (set.digests === true) new FileWriter(k, 'application', disk.writers[0]!.pages, LATE, 1, disk);
  if (set.portals === true) new Teardown(k, 'initiator', 'gives its connection up', disk, LATE);
  return disk;
}
