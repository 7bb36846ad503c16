// NFS writers over UDP.
import { NfsClient } from '../producers/nfs.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { udpSocket } from '../topology.ts';
import { clientOptions, nfsd } from './nfs-parts.ts';
import { HORIZON, KIB, MBIT, busyDevice, chances, world } from './parts.ts';

export const NFS_UDP: Workload = {
  id: 'nfs-udp',
  title: 'NFS O_DIRECT writes over UDP',
  story:
    'A call is one datagram in many fragments; a call without an answer is sent again whole after 0.7 s, then after twice as long each time, and waits behind a backup in the qdisc when the answer to an earlier copy comes. Its checksum is taken while it is put together, so a server refuses bytes that changed later. There is no ACK: designs that wait for the ACK of TCP are never told, and neither is one that counts an answer for every copy when one copy was lost.',
  lends: { by: 'requests', over: 'udp' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    // 1500 also in miniature: a page in three fragments
    const net = world(k, { rate: 10 * MBIT, delayTicks: 1_000, mtu: 1500 }, operations);
    const udp = udpSocket(k, net, 'a');
    const size = {
      timeoutTicks: 700_000,
      serviceTicks: 300_000,
      spreadTicks: 500_000,
      writesPerWriter: 3,
      udp,
    };
    const client = new NfsClient(k, clientOptions(size, operations));
    nfsd(k, net, 'nfsd', seed, size).serve(udpSocket(k, net, 'b'));
    const lossy = chances(
      [net.forward.place, { drop: 2_000 }],
      [net.reverse.place, { hold: 3_000 }],
    );
    if (operations !== undefined) return { participants: [client], chances: lossy };
    const others = busyDevice(k, net, 2_400 * KIB, 5010);
    return { participants: [client, ...others], chances: lossy };
  },
};
