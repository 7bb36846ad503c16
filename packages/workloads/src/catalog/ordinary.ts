// Traffic that lends nothing.
import { PAGE_SIZE } from '@lastref/kernel';
import type { Scenario, Workload } from '../scenario.ts';
import { GBIT, HORIZON, KIB, chances, ordinaryStream, world } from './parts.ts';

export const ORDINARY: Workload = {
  id: 'ordinary',
  title: 'ordinary traffic that lends nothing',
  story: 'send() of 4 MiB over a little loss: what does the design cost those who do not use it?',
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: GBIT, delayTicks: 1_000 }, operations);
    const bytes = operations === undefined ? 4096 * KIB : operations * PAGE_SIZE;
    const sender = ordinaryStream(k, net, 'ordinary', bytes, 5001);
    return { participants: [sender], chances: chances([net.forward.place, { drop: 5_000 }]) };
  },
};
