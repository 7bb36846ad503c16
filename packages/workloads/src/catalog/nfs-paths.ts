// NFS writers whose connection ends, or has to.
import { Side, TcpPath } from '@lastref/kernel';
import { Outage } from '../apps/teardown.ts';
import { NfsClient } from '../producers/nfs.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { secondPath } from '../topology.ts';
import { clientOptions, nfsd } from './nfs-parts.ts';
import { HORIZON, MBIT, chances, inSize, world } from './parts.ts';

export const NFS_RECONNECT: Workload = {
  id: 'nfs-reconnect',
  title: 'NFS O_DIRECT writes, the client reconnects',
  story:
    'A call without an answer makes the client close its connection, as NFSv4 does, and send every pending call again over a new one. The old socket goes on by itself: what it still has queued may arrive after the answers of the new one.',
  lends: { by: 'requests', over: 'tcp', drains: true },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = {
      timeoutTicks: 150_000,
      serviceTicks: 300,
      spreadTicks: 500,
      writesPerWriter: 20,
      paths: [new TcpPath('nfs', net.a, Side.LENT, net.routeA, 800, net.b.address, 2049)],
    };
    const client = new NfsClient(k, clientOptions(size, operations));
    nfsd(k, net, 'nfsd', seed, size);
    return {
      participants: [client],
      chances: chances([net.forward.place, { drop: 30_000 }]),
    };
  },
};

export const FAILOVER: Workload = {
  id: 'failover',
  title: 'NFS O_DIRECT writes, failover to a second path',
  story:
    'A device stops reading with packets in its ring. The client sends the pending calls again by another device and another link, is answered there, and uses its buffers anew; then the first device goes on with what it still has.',
  lends: { by: 'requests', over: 'tcp', drains: true },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const wire = { rate: 100 * MBIT, delayTicks: 1_000 };
    const net = world(k, wire, operations);
    const other = secondPath(k, net.a, inSize(wire, operations));
    const size = {
      timeoutTicks: 150_000,
      serviceTicks: 300,
      spreadTicks: 500,
      writesPerWriter: 20,
      paths: [
        new TcpPath('nfs', net.a, Side.LENT, net.routeA, 800, net.b.address, 2049),
        new TcpPath('nfs2', net.a, Side.LENT, other.routeA, 700, other.b.address, 2049),
      ],
    };
    const client = new NfsClient(k, clientOptions(size, operations));
    nfsd(k, net, 'nfsd', seed, size);
    nfsd(k, other, 'nfsd2', seed, size);
    if (operations === undefined) {
      // in miniature the step that reads a descriptor is simply not taken
      new Outage(k, net.nicA, 20_000, 400_000, 600_000, 2);
      new Outage(k, other.nicA, 500_000, 400_000, 600_000, 2);
    }
    return { participants: [client], chances: chances() };
  },
};
