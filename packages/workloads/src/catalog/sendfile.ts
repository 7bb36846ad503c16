// sendfile: pages of a file, and somebody who writes to them.
import { FileWriter } from '../producers/ordinary.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { HORIZON, MBIT, chances, stream, streamOptions, world } from './parts.ts';

export const SENDFILE_WRITER: Workload = {
  id: 'sendfile-writer',
  title: 'sendfile of a file that somebody writes to',
  story:
    'Pages of the page cache are lent while another process writes to the file and takes no lock: whoever sends by reference sends a mix of old and new.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'local user',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const file = { operations: 40, pagesPerOperation: 16, sets: 4, pipe: true, rewrites: false };
    const options = streamOptions({ name: 'sendfile', ...file }, operations);
    const producer = stream(k, net, options);
    const pages = producer.sets.flatMap((set) => set.pages);
    const writer = new FileWriter(k, 'writer', pages, 900, operations ?? 200);
    return {
      participants: [producer],
      chances: chances([net.forward.place, {}], [writer.place, {}]),
    };
  },
};

export const SENDFILE_LOCKED: Workload = {
  id: 'sendfile-locked',
  title: 'sendfile under a lock, one page at a time',
  story:
    'The writer takes a lock that the sender holds until it is told that the page is free. Whoever is told at the return of sendfile gives the lock back while the page is still queued.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'local user',
  frames: 1024,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = { operations: 200, pagesPerOperation: 1, sets: 1, pipe: true };
    const options = streamOptions({ name: 'sendfile', ...size }, operations);
    return { participants: [stream(k, net, options)], chances: chances() };
  },
};
