// The machine of stories about NFS.
import { Side, type Kernel, type Route } from '@lastref/kernel';
import { Nfsd } from '../apps/nfsd.ts';
import { NfsClient } from '../producers/nfs.ts';
import { HOST_B, udpSocket, type TwoHosts } from '../topology.ts';
import type { SetOptions } from './set.ts';

/** A client with one writer, and its server. */
export function nfsSet(k: Kernel, net: TwoHosts, routeA: Route, options: SetOptions): NfsClient {
  const udp = options.nfsUdp === true;
  const client = new NfsClient(k, {
    name: 'nfs',
    side: Side.LENT,
    writers: 1,
    pagesPerWrite: options.nfsPages!,
    writesPerWriter: 1,
    timeoutTicks: 60_000_000,
    reuseTicks: 0,
    ...(udp ? { udp: udpSocket(k, net, 'a') } : {}),
    ...(options.nfsResendCopies === true ? { resendCopies: true } : {}),
  });
  const named = { name: 'nfsd', side: Side.PEER, route: net.routeB };
  const nfsd = new Nfsd(k, { ...named, serviceTicks: 100, spreadTicks: 0 }, 1);
  if (udp) {
    nfsd.serve(udpSocket(k, net, 'b'));
  } else {
    net.b.listen(2049, nfsd);
    net.a.connect('sender', Side.LENT, routeA, 800, HOST_B, 2049, client.connection);
  }
  return client;
}
