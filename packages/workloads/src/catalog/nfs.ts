// NFS writers with O_DIRECT over TCP.
import { NEVER, Side, type Kernel } from '@lastref/kernel';
import { Nfsd } from '../apps/nfsd.ts';
import { NfsClient, type NfsOptions } from '../producers/nfs.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { HOST_B, type TwoHosts } from '../topology.ts';
import { HORIZON, KIB, MBIT, SECOND, chances, ordinaryStream, world } from './parts.ts';

interface NfsSize {
  /** From a call to the moment when it is sent again; NEVER: it is not. */
  readonly timeoutTicks: number;
  /** The server takes so long for a call, and up to `spreadTicks` more. */
  readonly serviceTicks: number;
  readonly spreadTicks: number;
  readonly writesPerWriter: number;
}

/** Eight writers of 32 KiB; with `operations` given, that many writers of one page, one write each. */
function clientOptions(size: NfsSize, operations: number | undefined): NfsOptions {
  const options = {
    name: 'nfs',
    side: Side.LENT,
    timeoutTicks: size.timeoutTicks,
    reuseTicks: 0,
  };
  return operations === undefined
    ? { ...options, writers: 8, pagesPerWrite: 8, writesPerWriter: size.writesPerWriter }
    : { ...options, writers: operations, pagesPerWrite: 1, writesPerWriter: 1 };
}

/** A client at a, its server at b. */
function nfs(
  k: Kernel,
  net: TwoHosts,
  seed: number,
  size: NfsSize,
  operations: number | undefined,
): NfsClient {
  const client = new NfsClient(k, clientOptions(size, operations));
  const { serviceTicks, spreadTicks } = size;
  const nfsd = new Nfsd(
    k,
    { name: 'nfsd', side: Side.PEER, route: net.routeB, serviceTicks, spreadTicks },
    seed,
  );
  net.b.listen(2049, nfsd);
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
