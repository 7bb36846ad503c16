// NFS writers with O_DIRECT over TCP: calls that are sent again, by the client or by TCP.
import { NEVER } from '@lastref/kernel';
import type { Scenario, Workload } from '../scenario.ts';
import { nfs } from './nfs-parts.ts';
import { HORIZON, KIB, MBIT, SECOND, busyDevice, chances, ordinaryStream, world } from './parts.ts';

export const NFS_ODIRECT: Workload = {
  id: 'nfs-odirect',
  title: 'NFS O_DIRECT writes to a slow server, calls sent again',
  story:
    'Eight writers, 32 KiB each. The server takes longer than the client waits, so whole calls are sent again with the same xid; the answer to the first copy ends the write while the second is queued.',
  lends: { by: 'requests', over: 'tcp' },
  who: 'remote peer',
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
  lends: { by: 'requests', over: 'tcp' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    net.reverse.holdTicks = 260_000;
    const size = {
      timeoutTicks: operations === undefined ? 60 * SECOND : NEVER,
      serviceTicks: 300,
      spreadTicks: 500,
      writesPerWriter: 16,
    };
    const client = nfs(k, net, seed, size, operations);
    // often enough that what the workload is named for happens in any run
    const held = chances([net.reverse.place, { hold: 5_000 }]);
    if (operations !== undefined) return { participants: [client], chances: held };
    const others = busyDevice(k, net, 9_600 * KIB, 5010);
    return { participants: [client, ...others], chances: held };
  },
};

export const NFS_RESEND_COPIES: Workload = {
  id: 'nfs-resend-copies',
  title: 'NFS O_DIRECT writes to a slow server, calls sent again by copying',
  story:
    'The remedy of 2013, in any kernel whose client lends at all: only the first transmission of a call lends its pages, each further one copies them. It does not cover what TCP itself sends again, nor the first copy on a connection that was given up.',
  lends: { by: 'requests', over: 'tcp' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = {
      timeoutTicks: 180_000,
      serviceTicks: 120_000,
      spreadTicks: 120_000,
      writesPerWriter: 6,
      resendCopies: true,
    };
    const client = nfs(k, net, seed, size, operations);
    if (operations !== undefined) return { participants: [client], chances: chances() };
    const other = ordinaryStream(k, net, 'backup', 600 * KIB, 5010);
    return { participants: [client, other], chances: chances() };
  },
};
