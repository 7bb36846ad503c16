// The machine of stories about distributed storage.
import { Side, TcpPath, type Kernel } from '@lastref/kernel';
import { DstPeer } from '../apps/dst-peer.ts';
import { Teardown } from '../apps/teardown.ts';
import { DstDisk, DstReset } from '../producers/dst.ts';
import type { Scenario } from '../scenario.ts';
import { secondPath, twoHosts, type TwoHosts } from '../topology.ts';

const PORT = 1025;
/** Later than anything that a story does by the clock. */
const LATE = 1_000_000_000;

function replica(k: Kernel, net: TwoHosts, name: string, localPort: number): TcpPath {
  const times = { serviceTicks: 100 };
  const peer = new DstPeer(k, { name, side: Side.PEER, route: net.routeB, ...times });
  net.b.listen(PORT, peer);
  return new TcpPath(name, net.a, Side.LENT, net.routeA, localPort, net.b.address, PORT);
}

/** One write of one page to two peers, each behind a device of its own. The node gives the far one up once. */
export function dstSet(k: Kernel): Scenario {
  const wire = { rate: 1_000_000_000, delayTicks: 1_000, ringSize: 64 };
  const net = twoHosts(k, wire);
  const far = secondPath(k, net.a, wire);
  const disk = new DstDisk(k, {
    name: 'dst',
    side: Side.LENT,
    writers: 1,
    pagesPerWrite: 1,
    writesPerWriter: 1,
    reuseTicks: 0,
    paths: [replica(k, net, 'near', 46001), replica(k, far, 'far', 47001)],
  });
  const reset = new DstReset(disk.mirror.states[1]!);
  new Teardown(k, 'node', 'gives its connection up', reset, LATE);
  return { participants: [disk], chances: new Map() };
}
