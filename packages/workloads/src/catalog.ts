// The workloads. Each one says in its story what happens and why it matters.
import { Loopback, PacketSock, Side, TcpHost, type Kernel } from '@lastref/kernel';
import { Consumer } from './apps/consumer.ts';
import { Nfsd } from './apps/nfsd.ts';
import { NfsClient } from './producers/nfs.ts';
import { FileWriter, OrdinarySender } from './producers/ordinary.ts';
import { StreamProducer, type StreamOptions } from './producers/stream.ts';
import type { LinkChances, Scenario, Workload } from './scenario.ts';
import { HOST_A, HOST_B, NO_FEATURES, twoHosts, type TwoHosts } from './topology.ts';

const SECOND = 1_000_000;
const MBIT = 1_000_000;
const GBIT = 1_000 * MBIT;
const KIB = 1024;

const STREAM: Omit<StreamOptions, 'name' | 'operations' | 'pagesPerOperation' | 'sets'> = {
  side: Side.LENT,
  reuseTicks: 0,
  pipe: false,
  rewrites: true,
};

function chances(...pairs: [number, LinkChances][]): ReadonlyMap<number, LinkChances> {
  return new Map(pairs);
}

/** A stream producer at a, its consumer at b. */
function stream(k: Kernel, net: TwoHosts, options: StreamOptions, port = 5001): StreamProducer {
  const producer = new StreamProducer(k, options);
  const consumer = new Consumer(k, {
    name: `peer of ${options.name}`,
    side: Side.PEER,
    route: net.routeB,
    readBytes: 1 << 20,
    readTicks: 20,
    operationBytes: options.pagesPerOperation * 4096,
  });
  net.b.listen(port, consumer);
  net.a.connect(options.name, options.side, net.routeA, 40000 + port, HOST_B, port, producer);
  return producer;
}

/** send() of `bytes` from a to b, beside whatever else goes on. */
function ordinaryStream(
  k: Kernel,
  net: TwoHosts,
  name: string,
  bytes: number,
  port: number,
): OrdinarySender {
  const sender = new OrdinarySender(k, name, Side.ORDINARY, bytes);
  const consumer = new Consumer(k, {
    name: `peer of ${name}`,
    side: Side.PEER,
    route: net.routeB,
    readBytes: 1 << 20,
    readTicks: 20,
    operationBytes: 0,
  });
  net.b.listen(port, consumer);
  net.a.connect(name, Side.ORDINARY, net.routeA, 40000 + port, HOST_B, port, sender);
  return sender;
}

function nfs(
  k: Kernel,
  net: TwoHosts,
  seed: number,
  options: {
    timeoutTicks: number;
    serviceTicks: number;
    spreadTicks: number;
    writesPerWriter: number;
  },
): NfsClient {
  const client = new NfsClient(k, {
    name: 'nfs',
    side: Side.LENT,
    writers: 8,
    pagesPerWrite: 8,
    writesPerWriter: options.writesPerWriter,
    timeoutTicks: options.timeoutTicks,
    reuseTicks: 0,
  });
  const nfsd = new Nfsd(
    k,
    {
      name: 'nfsd',
      side: Side.PEER,
      route: net.routeB,
      serviceTicks: options.serviceTicks,
      spreadTicks: options.spreadTicks,
    },
    seed,
  );
  net.b.listen(2049, nfsd);
  net.a.connect('nfs', Side.LENT, net.routeA, 800, HOST_B, 2049, client.xprt);
  return client;
}

export const WORKLOADS: readonly Workload[] = [
  {
    id: 'nfs-odirect',
    title: 'NFS O_DIRECT writes to a slow server, calls sent again',
    story:
      'Eight writers, 32 KiB each. The server takes longer than the client waits, so whole calls are sent again with the same xid; the answer to the first copy ends the write while the second is queued.',
    frames: 2048,
    horizonTicks: 600 * SECOND,
    build(k, seed): Scenario {
      const net = twoHosts(k, { rate: 100 * MBIT, delayTicks: 1_000 });
      const client = nfs(k, net, seed, {
        timeoutTicks: 180_000,
        serviceTicks: 120_000,
        spreadTicks: 120_000,
        writesPerWriter: 6,
      });
      return { participants: [client], chances: chances() };
    },
  },
  {
    id: 'nfs-tcp-retransmit',
    title: 'NFS O_DIRECT writes, retransmission by TCP alone',
    story:
      'No call is sent again. Now and then all ACKs and replies are held back longer than the retransmission timeout; the retransmission waits in a busy transmit ring when they arrive.',
    frames: 2048,
    horizonTicks: 600 * SECOND,
    build(k, seed): Scenario {
      const net = twoHosts(k, { rate: 100 * MBIT, delayTicks: 1_000, ringSize: 256 });
      net.reverse.holdTicks = 212_000;
      const client = nfs(k, net, seed, {
        timeoutTicks: 60 * SECOND,
        serviceTicks: 300,
        spreadTicks: 500,
        writesPerWriter: 40,
      });
      const other = ordinaryStream(k, net, 'backup', 24_000 * KIB, 5010);
      return {
        participants: [client, other],
        chances: chances([net.reverse.place, { hold: 800 }]),
      };
    },
  },
  {
    id: 'sendfile-writer',
    title: 'sendfile of a file that somebody writes to',
    story:
      'Pages of the page cache are lent while another process writes to the file and takes no lock: whoever sends by reference sends a mix of old and new.',
    frames: 2048,
    horizonTicks: 600 * SECOND,
    build(k): Scenario {
      const net = twoHosts(k, { rate: 100 * MBIT, delayTicks: 1_000 });
      const options = {
        ...STREAM,
        name: 'sendfile',
        operations: 40,
        pagesPerOperation: 16,
        sets: 4,
      };
      const producer = stream(k, net, { ...options, pipe: true, rewrites: false });
      const file = producer.sets.flatMap((set) => set.pages);
      const writer = new FileWriter(k, 'writer', file, 900, 200);
      return {
        participants: [producer],
        chances: chances([net.forward.place, {}], [writer.place, {}]),
      };
    },
  },
  {
    id: 'sendfile-locked',
    title: 'sendfile under a lock, one page at a time',
    story:
      'The writer takes a lock that the sender holds until it is told that the page is free. Whoever is told at the return of sendfile gives the lock back while the page is still queued.',
    frames: 1024,
    horizonTicks: 600 * SECOND,
    build(k): Scenario {
      const net = twoHosts(k, { rate: 100 * MBIT, delayTicks: 1_000 });
      const options = {
        ...STREAM,
        name: 'sendfile',
        operations: 200,
        pagesPerOperation: 1,
        sets: 1,
      };
      return { participants: [stream(k, net, { ...options, pipe: true })], chances: chances() };
    },
  },
  {
    id: 'bulk-loss',
    title: 'bulk transfer over 1 % loss',
    story:
      '5 MiB in blocks of 16 KiB over 1 Gbit/s and 10 ms, one packet in a hundred lost: SACK, fast retransmission, fragments cut and moved between skbs.',
    frames: 4096,
    horizonTicks: 600 * SECOND,
    build(k): Scenario {
      const net = twoHosts(k, { rate: GBIT, delayTicks: 5_000 });
      const options = { ...STREAM, name: 'bulk', operations: 320, pagesPerOperation: 4, sets: 128 };
      const producer = stream(k, net, options);
      return { participants: [producer], chances: chances([net.forward.place, { drop: 10_000 }]) };
    },
  },
  {
    id: 'loopback-slow-reader',
    title: 'loopback, the receiver reads slowly',
    story:
      'Sender and receiver share one host: the receive queue holds the very pages that were sent, long after they were acknowledged.',
    frames: 2048,
    horizonTicks: 600 * SECOND,
    build(k): Scenario {
      const a = new TcpHost(k, 'a', HOST_A);
      const lo = new Loopback(k);
      lo.receiver = a;
      const route = { device: lo, sg: true, gso: true };
      const options = { ...STREAM, name: 'local', operations: 40, pagesPerOperation: 16, sets: 8 };
      const producer = new StreamProducer(k, options);
      const consumer = new Consumer(k, {
        name: 'slow reader',
        side: Side.LENT,
        route,
        readBytes: 16 * KIB,
        readTicks: 3_000,
        operationBytes: 16 * 4096,
        rcvbuf: 512 * KIB,
      });
      a.listen(5001, consumer);
      a.connect('local', Side.LENT, route, 45001, HOST_A, 5001, producer);
      return { participants: [producer], chances: chances() };
    },
  },
  {
    id: 'tap-slow-reader',
    title: 'a packet tap whose reader is slow',
    story:
      'tcpdump without a ring listens on the device: it holds clones until it reads them, long after the wire and the peer are done.',
    frames: 2048,
    horizonTicks: 600 * SECOND,
    build(k): Scenario {
      const net = twoHosts(k, { rate: 100 * MBIT, delayTicks: 500 });
      net.nicA.taps.push(new PacketSock(k, 'tap', 2_500));
      const options = { ...STREAM, name: 'tapped', operations: 60, pagesPerOperation: 4, sets: 4 };
      return { participants: [stream(k, net, options)], chances: chances() };
    },
  },
  {
    id: 'no-sg',
    title: 'a device without scatter/gather',
    story:
      'One socket knows that its route has no scatter/gather and copies at once; another connected while it had, and its packets are made linear on their way to the driver.',
    frames: 2048,
    horizonTicks: 600 * SECOND,
    build(k): Scenario {
      const net = twoHosts(k, { rate: 100 * MBIT, delayTicks: 1_000, features: NO_FEATURES });
      const options = { ...STREAM, operations: 20, pagesPerOperation: 8, sets: 4 };
      const knows = stream(k, net, { ...options, name: 'knows' }, 5001);
      const stale: TwoHosts = { ...net, routeA: { ...net.routeA, sg: true } };
      const believes = stream(k, stale, { ...options, name: 'believes' }, 5002);
      return {
        participants: [knows, believes],
        chances: chances([net.forward.place, { drop: 2_000 }]),
      };
    },
  },
  {
    id: 'ordinary',
    title: 'ordinary traffic that lends nothing',
    story: 'send() of 4 MiB over a little loss: what does the design cost those who do not use it?',
    frames: 2048,
    horizonTicks: 600 * SECOND,
    build(k): Scenario {
      const net = twoHosts(k, { rate: GBIT, delayTicks: 1_000 });
      const sender = ordinaryStream(k, net, 'ordinary', 4096 * KIB, 5001);
      return { participants: [sender], chances: chances([net.forward.place, { drop: 5_000 }]) };
    },
  },
];
