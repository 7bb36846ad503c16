// Pipes between a file, a process and a socket.
import { Loopback, PageHome, Side } from '@lastref/kernel';
import { PROXY_NEEDS, Proxy } from '../apps/proxy.ts';
import { FileTruncator } from '../producers/file.ts';
import { StreamProducer } from '../producers/stream.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { HOST_A, HOST_B } from '../topology.ts';
import {
  HORIZON,
  KIB,
  MBIT,
  chances,
  ordinaryStream,
  peerOf,
  stream,
  streamOptions,
  world,
} from './parts.ts';

export const SENDFILE_TRUNCATE: Workload = {
  id: 'sendfile-truncate',
  title: 'sendfile of a file that is truncated meanwhile',
  story:
    'A page that leaves the page cache while it is queued belongs to whoever still has a reference, and the file goes on with other pages: told too early or not, nobody writes to the bytes that were lent.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'local user',
  frames: 4096,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const file = { operations: 40, pagesPerOperation: 16, sets: 4, pipe: true, rewrites: false };
    const producer = stream(k, net, streamOptions({ name: 'sendfile', ...file }, operations));
    const times = operations ?? 50;
    new FileTruncator(k, producer, { name: 'somebody', keep: 0, everyTicks: 3_100, times });
    return { participants: [producer], chances: chances([net.forward.place, { drop: 5_000 }]) };
  },
};

export const VMSPLICE: Workload = {
  id: 'vmsplice',
  title: 'vmsplice: a process gives its pages to a pipe, and the pipe to a socket',
  story:
    'The pages are pinned, and mapped by the process all the while: it writes to them again as soon as it is told that they are its own. A copying sender beside it pays nothing.',
  lends: { by: 'stream', over: 'tcp' },
  who: 'local user',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = { operations: 50, pagesPerOperation: 8, sets: 4, pipe: true, home: PageHome.USER };
    const producer = stream(k, net, streamOptions({ name: 'process', ...size }, operations));
    const losses = chances([net.forward.place, { drop: 5_000 }]);
    if (operations !== undefined) return { participants: [producer], chances: losses };
    const other = ordinaryStream(k, net, 'backup', 256 * KIB, 5010);
    return { participants: [producer, other], chances: losses };
  },
};

export const SPLICE_PROXY: Workload = {
  id: 'splice-proxy',
  title: 'a proxy on the same host splices from socket to socket',
  story:
    'What a local server lends comes up over loopback, goes into a pipe and out at a second socket by bare page references: nothing on the second connection tells the first one when a page is free.',
  needs: PROXY_NEEDS,
  lends: { by: 'stream', over: 'tcp', onHost: true },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, _seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const lo = new Loopback(k);
    lo.receiver = net.a;
    const local = lo.route;
    const size = { operations: 60, pagesPerOperation: 8, sets: 4 };
    const options = streamOptions({ name: 'server', ...size }, operations);
    const producer = new StreamProducer(k, options);
    const proxy = new Proxy(k, { name: 'proxy', side: Side.LENT, route: local, wakeTicks: 50 });
    net.b.listen(5001, peerOf(k, net, options));
    net.a.listen(3128, proxy);
    net.a.connect('proxy', Side.LENT, net.routeA, 45001, HOST_B, 5001, proxy.downstream);
    net.a.connect('server', Side.LENT, local, 45002, HOST_A, 3128, producer);
    return { participants: [producer], chances: chances([net.forward.place, { drop: 5_000 }]) };
  },
};
