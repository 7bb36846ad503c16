// Readers on the sender's own host: a local receiver, a packet tap.
import { Loopback, PacketSock, Side, TcpHost } from '@lastref/kernel';
import { Consumer } from '../apps/consumer.ts';
import { StreamProducer } from '../producers/stream.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { HOST_A } from '../topology.ts';
import { HORIZON, KIB, MBIT, chances, stream, streamOptions, world } from './parts.ts';

export const LOOPBACK_SLOW_READER: Workload = {
  id: 'loopback-slow-reader',
  title: 'loopback, the receiver reads slowly',
  story:
    'Sender and receiver share one host: the receive queue holds the very pages that were sent, long after they were acknowledged.',
  lends: { by: 'stream', over: 'tcp', onHost: true },
  who: 'local user',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const a = new TcpHost(k, 'a', HOST_A);
    const lo = new Loopback(k);
    lo.receiver = a;
    const { route } = lo;
    const size = { operations: 40, pagesPerOperation: 16, sets: 8 };
    const options = streamOptions({ name: 'local', ...size }, operations);
    const producer = new StreamProducer(k, options);
    const consumer = new Consumer(k, {
      name: 'slow reader',
      side: Side.LENT,
      route,
      readBytes: Math.min(16 * KIB, options.pagesPerOperation * 4096),
      readTicks: 3_000,
      rcvbuf: 512 * KIB,
    });
    a.listen(5001, consumer);
    a.connect('local', Side.LENT, route, 45001, HOST_A, 5001, producer);
    return { participants: [producer], chances: chances() };
  },
};

export const TAP_SLOW_READER: Workload = {
  id: 'tap-slow-reader',
  title: 'a packet tap whose reader is slow',
  story:
    'tcpdump without a ring listens on the device: it holds clones until it reads them, long after the wire and the peer are done.',
  lends: { by: 'stream', over: 'tcp', onHost: true },
  who: 'root',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 500 }, operations);
    net.nicA.taps.push(new PacketSock(k, 'tap', 2_500));
    const size = { operations: 60, pagesPerOperation: 4, sets: 4 };
    const producer = stream(k, net, streamOptions({ name: 'tapped', ...size }, operations));
    return { participants: [producer], chances: chances() };
  },
};
