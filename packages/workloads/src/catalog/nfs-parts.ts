// NFS clients and servers of several workloads, at full size and in miniature.
import { Side, type Kernel, type TcpPath, type UdpSock } from '@lastref/kernel';
import { Nfsd } from '../apps/nfsd.ts';
import { NfsClient, type NfsOptions } from '../producers/nfs.ts';
import { HOST_B, type TwoHosts } from '../topology.ts';

export interface NfsSize {
  /** From a call to the moment when it is sent again; NEVER: it is not. */
  readonly timeoutTicks: number;
  /** The server takes so long for a call, and up to `spreadTicks` more. */
  readonly serviceTicks: number;
  readonly spreadTicks: number;
  readonly writesPerWriter: number;
  /** The client disconnects before it sends calls again, and connects on the next of these. */
  readonly paths?: readonly TcpPath[];
  readonly udp?: UdpSock;
  readonly resendCopies?: boolean;
  readonly buffered?: boolean;
  readonly reuseTicks?: number;
}

/** Eight writers of 32 KiB; with `operations` given, that many writers of one page, one write each. */
export function clientOptions(size: NfsSize, operations: number | undefined): NfsOptions {
  const { serviceTicks: _, spreadTicks: __, ...rest } = size;
  const options = {
    reuseTicks: 0,
    ...rest,
    name: 'nfs',
    side: Side.LENT,
    discrtry: size.paths !== undefined,
  };
  return operations === undefined
    ? { ...options, writers: 8, pagesPerWrite: 8 }
    : { ...options, writers: operations, pagesPerWrite: 1, writesPerWriter: 1 };
}

/** The server at b. */
export function nfsd(k: Kernel, net: TwoHosts, name: string, seed: number, size: NfsSize): Nfsd {
  const { serviceTicks, spreadTicks } = size;
  const options = { name, side: Side.PEER, route: net.routeB, serviceTicks, spreadTicks };
  const server = new Nfsd(k, options, seed);
  net.b.listen(2049, server);
  return server;
}

/** A client at a with one connection, and its server at b. */
export function nfs(
  k: Kernel,
  net: TwoHosts,
  seed: number,
  size: NfsSize,
  operations: number | undefined,
): NfsClient {
  const client = new NfsClient(k, clientOptions(size, operations));
  nfsd(k, net, 'nfsd', seed, size);
  net.a.connect('nfs', Side.LENT, net.routeA, 800, HOST_B, 2049, client.connection);
  return client;
}
