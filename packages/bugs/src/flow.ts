// A program above a socket: one stream over one wire, as small as the bug allows.
import { Side } from '@lastref/kernel';
import { Consumer, HOST_B, StreamProducer, twoHosts, type Workload } from '@lastref/workloads';

export interface Flow {
  readonly id: string;
  readonly title: string;
  readonly operations: number;
  readonly pagesPerOperation: number;
  /** Bytes that the socket takes before its producer waits. */
  readonly sndbuf: number;
  /** Where the producer's callback may run, one bit each. Default: anywhere. */
  readonly contexts?: number;
}

const PORT = 5001;

export function flow({ id, title, sndbuf, contexts, ...size }: Flow): Workload {
  return {
    id,
    title,
    story: title,
    lends: { by: 'requests', over: 'tcp' },
    frames: 64,
    horizonTicks: 60_000_000,
    build(k) {
      const net = twoHosts(k, {
        rate: 1_000_000_000,
        delayTicks: 1_000,
        mtu: 9000,
        ringSize: 8,
        peerRingSize: 8,
        wmem: sndbuf,
      });
      const producer = new StreamProducer(k, {
        name: 'sender',
        side: Side.LENT,
        ...size,
        sets: size.operations,
        reuseTicks: 0,
        pipe: false,
        rewrites: true,
        ...(contexts === undefined ? {} : { contexts }),
      });
      const consumer = new Consumer(k, {
        name: 'receiver',
        side: Side.PEER,
        route: net.routeB,
        readBytes: 1 << 20,
        readTicks: 20,
      });
      net.b.listen(PORT, consumer);
      net.a.connect('sender', Side.LENT, net.routeA, 40000, HOST_B, PORT, producer);
      return { participants: [producer], chances: new Map() };
    },
  };
}
