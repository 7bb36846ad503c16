// Distributed storage: every write goes to two peers.
import { Side, TcpPath, type Kernel } from '@lastref/kernel';
import { DstPeer } from '../apps/dst-peer.ts';
import { Teardown } from '../apps/teardown.ts';
import { DstDisk, DstReset } from '../producers/dst.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { secondPath, type TwoHosts } from '../topology.ts';
import { HORIZON, KIB, MBIT, chances, inSize, ordinaryStream, world } from './parts.ts';

const PORT = 1025;

/** A peer at the far end of `net`, and the way there. */
function replica(k: Kernel, net: TwoHosts, name: string, localPort: number, serviceTicks: number) {
  const peer = new DstPeer(k, { name, side: Side.PEER, route: net.routeB, serviceTicks });
  net.b.listen(PORT, peer);
  const path = new TcpPath(name, net.a, Side.LENT, net.routeA, localPort, net.b.address, PORT);
  return { peer, path };
}

/** Six writers of 32 KiB; with `operations` given, that many writers of one page, one write each. */
function disk(
  k: Kernel,
  paths: readonly TcpPath[],
  writesPerWriter: number,
  operations: number | undefined,
): DstDisk {
  const options = { name: 'dst', side: Side.LENT, reuseTicks: 0, paths };
  return new DstDisk(
    k,
    operations === undefined
      ? { ...options, writers: 6, pagesPerWrite: 8, writesPerWriter }
      : { ...options, writers: operations, pagesPerWrite: 1, writesPerWriter: 1 },
  );
}

export const DST_REPLICAS: Workload = {
  id: 'dst-replicas',
  title: 'distributed storage, every page lent twice',
  story:
    'Each bio goes to a near peer and to a far one, over two devices and two connections, and is over when both have answered. The answers of both prove that both have the data; a retransmission that either connection has queued meanwhile still reads the page.',
  lends: { by: 'requests', over: 'tcp' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 500 }, operations);
    const far = secondPath(k, net.a, inSize({ rate: 100 * MBIT, delayTicks: 2_000 }, operations));
    far.reverse.holdTicks = 212_000;
    const one = replica(k, net, 'near', 46001, 200);
    const two = replica(k, far, 'far', 47001, 200);
    const mirror = disk(k, [one.path, two.path], 8, operations);
    const odd = chances(
      [net.forward.place, { drop: 3_000 }],
      [far.reverse.place, { hold: 10_000 }],
    );
    if (operations !== undefined) return { participants: [mirror], chances: odd };
    const other = ordinaryStream(k, far, 'backup', 600 * KIB, 5010);
    return { participants: [mirror, other], chances: odd };
  },
};

export const DST_DISCONNECT: Workload = {
  id: 'dst-disconnect',
  title: 'distributed storage, a peer is lost with pages in flight',
  story:
    'The far peer dies, or its link loses so much that the node gives the connection up and closes it: what is queued there drains by itself, while the node connects again and sends what has no answer once more. The peer reads one connection after the other: it answers the new copy when it has had the end of the old one.',
  lends: { by: 'requests', over: 'tcp', drains: true },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 500 }, operations);
    const far = secondPath(k, net.a, inSize({ rate: 50 * MBIT, delayTicks: 4_000 }, operations));
    const one = replica(k, net, 'near', 46001, 200);
    const two = replica(k, far, 'far', 47001, 200);
    const mirror = disk(k, [one.path, two.path], 7, operations);
    const reset = new DstReset(mirror.mirror.states[1]!);
    const givesUp = 'gives its connection up';
    const odd = chances([far.forward.place, { drop: 50_000 }]);
    if (operations !== undefined) {
      new Teardown(k, 'node', givesUp, reset, 12_000);
      return { participants: [mirror], chances: odd };
    }
    new Teardown(k, 'node', givesUp, reset, 100_000, 8);
    new Teardown(k, 'far peer', 'resets its connections', two.peer, 350_000, 2);
    const other = ordinaryStream(k, far, 'backup', 600 * KIB, 5010);
    return { participants: [mirror, other], chances: odd };
  },
};
