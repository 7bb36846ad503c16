// Connections that end while pages are lent.
import { Side, TcpPath } from '@lastref/kernel';
import type { Consumer } from '../apps/consumer.ts';
import { Target } from '../apps/target.ts';
import { Teardown } from '../apps/teardown.ts';
import { StreamProducer } from '../producers/stream.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { HOST_A, HOST_B } from '../topology.ts';
import { HORIZON, MBIT, chances, peerOf, streamOptions, world } from './parts.ts';

export const RESET_MIDWAY: Workload = {
  id: 'reset-midway',
  title: 'a bulk transfer that is reset again and again',
  story:
    'The peer dies, or the sender gives up: RST either way. The sender closes the socket, which purges the write queue, gives up what was not answered, and goes on over a new connection; the ring still holds packets of the old one.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'remote peer',
  frames: 4096,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const path = new TcpPath('bulk', net.a, Side.LENT, net.routeA, 45001, HOST_B, 5001);
    const size = { operations: 200, pagesPerOperation: 8, sets: 16, path };
    const options = streamOptions({ name: 'bulk', ...size }, operations);
    const producer = new StreamProducer(k, options);
    const consumer = peerOf(k, net, options);
    net.b.listen(5001, consumer);
    const reset = 'resets the connection';
    if (operations !== undefined) {
      new Teardown(k, `${consumer.name} end`, reset, consumer, 2_500);
    } else {
      new Teardown(k, `${consumer.name} end`, reset, consumer, 61_000, 6);
      new Teardown(k, `${producer.name} end`, reset, producer, 83_000, 4);
    }
    return { participants: [producer], chances: chances() };
  },
};

export const LISTENER_STOP: Workload = {
  id: 'listener-stop',
  title: 'a storage target stops while it serves',
  story:
    'The target answers reads from buffers of its own, by reference. Its listener is stopped: who waits to be accepted is reset, the initiator that is served is cut off, and every buffer whose request is gone is used again as soon as it is free.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'local user',
  frames: 4096,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = { operations: 60, pagesPerOperation: 16, sets: 8 };
    const options = streamOptions({ name: 'target', ...size }, operations);
    const producer = new StreamProducer(k, options);
    const target = new Target(k, net.a, net.routeA, Side.LENT, 3260, producer);
    const initiator = (name: string, port: number): Consumer => {
      const consumer = peerOf(k, net, { ...options, name });
      const path = new TcpPath(name, net.b, Side.PEER, net.routeB, port, HOST_A, 3260);
      path.connect(consumer);
      return consumer;
    };
    initiator('initiator', 50001);
    if (operations === undefined) initiator('second initiator', 50002);
    new Teardown(
      k,
      'target stop',
      'stops its listener',
      target,
      operations === undefined ? 120_000 : 3_500,
    );
    return { participants: [producer], chances: chances() };
  },
};
