// What several workloads are made of, at full size and in miniature.
import { Side, type Kernel } from '@lastref/kernel';
import { Consumer } from '../apps/consumer.ts';
import { OrdinarySender } from '../producers/ordinary.ts';
import { StreamProducer, type StreamOptions } from '../producers/stream.ts';
import type { LinkChances } from '../scenario.ts';
import { HOST_B, twoHosts, type TwoHosts, type WireOptions } from '../topology.ts';

export const SECOND = 1_000_000;
export const MBIT = 1_000_000;
export const GBIT = 1_000 * MBIT;
export const KIB = 1024;
/** No full-size run takes this long. */
export const HORIZON = 600 * SECOND;

/**
 * In miniature a packet holds a whole operation, rings are no longer than such a world can fill, and a socket takes no
 * more than the machine has page frames for, should all of it be copied.
 */
const SMALL = { mtu: 9000, ringSize: 16, peerRingSize: 16, wmem: 64 * 1024 } as const;

/** A wire; with `operations` given, in miniature. */
export function inSize(wire: WireOptions, operations: number | undefined): WireOptions {
  return operations === undefined ? wire : { ...SMALL, ...wire };
}

/** Two hosts and the wire between them; with `operations` given, in miniature. */
export function world(k: Kernel, wire: WireOptions, operations: number | undefined): TwoHosts {
  return twoHosts(k, inSize(wire, operations));
}

export function chances(...pairs: [number, LinkChances][]): ReadonlyMap<number, LinkChances> {
  return new Map(pairs);
}

/** What streams have in common: pages of their own, lent one by one, written anew when they are told. */
const STREAM = { side: Side.LENT, reuseTicks: 0, pipe: false, rewrites: true } as const;

type StreamSize = Pick<StreamOptions, 'name' | 'operations' | 'pagesPerOperation' | 'sets'> &
  Partial<StreamOptions>;

/** A stream's options; with `operations` given, that many operations of one page each. */
export function streamOptions(size: StreamSize, operations: number | undefined): StreamOptions {
  const options = { ...STREAM, ...size };
  if (operations === undefined) return options;
  return { ...options, operations, pagesPerOperation: 1, sets: Math.min(options.sets, operations) };
}

/** A stream producer at a, its consumer at b. */
export function stream(
  k: Kernel,
  net: TwoHosts,
  options: StreamOptions,
  port = 5001,
): StreamProducer {
  const producer = new StreamProducer(k, options);
  net.b.listen(port, peerOf(k, net, options));
  net.a.connect(options.name, options.side, net.routeA, 40000 + port, HOST_B, port, producer);
  return producer;
}

/** Who reads what the producer of `options` sends. */
export function peerOf(k: Kernel, net: TwoHosts, options: StreamOptions): Consumer {
  return new Consumer(k, {
    name: `peer of ${options.name}`,
    side: Side.PEER,
    route: net.routeB,
    readBytes: 1 << 20,
    readTicks: 20,
  });
}

/** send() of `bytes` from a to b. */
export function ordinaryStream(
  k: Kernel,
  net: TwoHosts,
  name: string,
  bytes: number,
  port: number,
  sndbuf?: number,
): OrdinarySender {
  const sender = new OrdinarySender(k, name, Side.ORDINARY, bytes);
  const consumer = new Consumer(k, {
    name: `peer of ${name}`,
    side: Side.PEER,
    route: net.routeB,
    readBytes: 1 << 20,
    readTicks: 20,
  });
  net.b.listen(port, consumer);
  const sk = net.a.connect(name, Side.ORDINARY, net.routeA, 40000 + port, HOST_B, port, sender);
  if (sndbuf !== undefined) sk.sndbuf = sndbuf;
  return sender;
}

/** Connections of a busy device. */
const BACKUPS = 4;

/**
 * send() of `bytes` from a to b, by so many connections that the ring is never short of packets: since 3.6 a single one
 * may have 128 KiB below it.
 */
export function busyDevice(
  k: Kernel,
  net: TwoHosts,
  bytes: number,
  port: number,
): OrdinarySender[] {
  return Array.from({ length: BACKUPS }, (_, i) =>
    ordinaryStream(k, net, `backup ${i + 1}`, bytes / BACKUPS, port + i, (4 << 20) / BACKUPS),
  );
}
