// NFS writers with O_DIRECT over TCP.
import { NEVER, Side, TcpPath, type Kernel } from '@lastref/kernel';
import { Outage } from '../apps/teardown.ts';
import { Nfsd } from '../apps/nfsd.ts';
import { NfsClient, type NfsOptions } from '../producers/nfs.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { HOST_B, secondPath, type TwoHosts } from '../topology.ts';
import { HORIZON, KIB, MBIT, SECOND, chances, inSize, ordinaryStream, world } from './parts.ts';

interface NfsSize {
  /** From a call to the moment when it is sent again; NEVER: it is not. */
  readonly timeoutTicks: number;
  /** The server takes so long for a call, and up to `spreadTicks` more. */
  readonly serviceTicks: number;
  readonly spreadTicks: number;
  readonly writesPerWriter: number;
  /** The client disconnects before it sends calls again, and connects on the next of these. */
  readonly paths?: readonly TcpPath[];
}

/** Eight writers of 32 KiB; with `operations` given, that many writers of one page, one write each. */
function clientOptions(size: NfsSize, operations: number | undefined): NfsOptions {
  const options = {
    name: 'nfs',
    side: Side.LENT,
    timeoutTicks: size.timeoutTicks,
    reuseTicks: 0,
    paths: size.paths ?? [],
    discrtry: size.paths !== undefined,
  };
  return operations === undefined
    ? { ...options, writers: 8, pagesPerWrite: 8, writesPerWriter: size.writesPerWriter }
    : { ...options, writers: operations, pagesPerWrite: 1, writesPerWriter: 1 };
}

/** The server at b. */
function nfsd(k: Kernel, net: TwoHosts, name: string, seed: number, size: NfsSize): void {
  const { serviceTicks, spreadTicks } = size;
  const options = { name, side: Side.PEER, route: net.routeB, serviceTicks, spreadTicks };
  net.b.listen(2049, new Nfsd(k, options, seed));
}

/** A client at a with one connection, and its server at b. */
function nfs(
  k: Kernel,
  net: TwoHosts,
  seed: number,
  size: NfsSize,
  operations: number | undefined,
): NfsClient {
  const client = new NfsClient(k, clientOptions(size, operations));
  nfsd(k, net, 'nfsd', seed, size);
  net.a.connect('nfs', Side.LENT, net.routeA, 800, HOST_B, 2049, client.xprt);
  return client;
}

export const NFS_ODIRECT: Workload = {
  id: 'nfs-odirect',
  title: 'NFS O_DIRECT writes to a slow server, calls sent again',
  story:
    'Eight writers, 32 KiB each. The server takes longer than the client waits, so whole calls are sent again with the same xid; the answer to the first copy ends the write while the second is queued.',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = {
      timeoutTicks: 180_000,
      serviceTicks: 120_000,
      spreadTicks: 120_000,
      writesPerWriter: 6,
    };
    return { participants: [nfs(k, net, seed, size, operations)], chances: chances() };
  },
};

export const NFS_TCP_RETRANSMIT: Workload = {
  id: 'nfs-tcp-retransmit',
  title: 'NFS O_DIRECT writes, retransmission by TCP alone',
  story:
    'No call is sent again. Now and then all ACKs and replies are held back longer than the retransmission timeout; the retransmission waits in a busy transmit ring when they arrive.',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    net.reverse.holdTicks = 212_000;
    const size = {
      timeoutTicks: operations === undefined ? 60 * SECOND : NEVER,
      serviceTicks: 300,
      spreadTicks: 500,
      writesPerWriter: 40,
    };
    const client = nfs(k, net, seed, size, operations);
    const held = chances([net.reverse.place, { hold: 800 }]);
    if (operations !== undefined) return { participants: [client], chances: held };
    const other = ordinaryStream(k, net, 'backup', 24_000 * KIB, 5010);
    return { participants: [client, other], chances: held };
  },
};

export const NFS_RECONNECT: Workload = {
  id: 'nfs-reconnect',
  title: 'NFS O_DIRECT writes, the client reconnects',
  story:
    'A call without an answer makes the client close its connection, as NFSv4 does, and send every pending call again over a new one. The old socket goes on by itself: what it still has queued may arrive after the answers of the new one.',
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
