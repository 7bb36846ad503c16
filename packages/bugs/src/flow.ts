// A program above a socket: one stream over one wire, as small as the bug allows.
import { Side } from '@lastref/kernel';
import { StreamProducer, type Workload } from '@lastref/workloads';
import { streamOver, wire } from './wire.ts';

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

export function flow({ id, title, sndbuf, contexts, ...size }: Flow): Workload {
  return {
    id,
    title,
    story: title,
    lends: { by: 'requests', over: 'tcp' },
    frames: 64,
    horizonTicks: 60_000_000,
    build(k) {
      const net = wire(k, { sndbuf });
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
      streamOver(k, net, producer, producer.name);
      return { participants: [producer], chances: new Map() };
    },
  };
}
