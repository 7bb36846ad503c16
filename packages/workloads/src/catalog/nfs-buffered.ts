// NFS without O_DIRECT: the pages are the page cache's, and whoever writes to them waits for nobody.
import { FileWriter } from '../producers/ordinary.ts';
import type { Scenario, Workload } from '../scenario.ts';
import { nfs } from './nfs-parts.ts';
import { HORIZON, KIB, MBIT, chances, ordinaryStream, world } from './parts.ts';

export const NFS_BUFFERED: Workload = {
  id: 'nfs-buffered',
  title: 'NFS, buffered: pages are written to while they are under writeback',
  story:
    'A flusher sends the dirty pages of eight files while an application goes on writing to them: a page is dirty again before it was read, and its next version goes out under the name of the last. Copies hide that, and so do writers who wait (stable-pages); a notification has nobody whom it could stop.',
  lends: { by: 'writeback', over: 'tcp' },
  who: 'remote peer',
  frames: 2048,
  horizonTicks: HORIZON,
  build(k, seed, operations): Scenario {
    const net = world(k, { rate: 100 * MBIT, delayTicks: 1_000 }, operations);
    const size = {
      timeoutTicks: 180_000,
      serviceTicks: 20_000,
      spreadTicks: 20_000,
      writesPerWriter: 8,
      buffered: true,
      reuseTicks: 5_000,
    };
    const client = nfs(k, net, seed, size, operations);
    const pages = client.writers.flatMap((writer) => writer.pages);
    // in miniature not before the connection is up
    const [every, times] = operations === undefined ? [700, 1_200] : [3_500, operations];
    const writer = new FileWriter(k, 'application', pages, every, times, client);
    const odd = chances([net.forward.place, {}], [writer.place, {}]);
    if (operations !== undefined) return { participants: [client], chances: odd };
    const other = ordinaryStream(k, net, 'backup', 600 * KIB, 5010);
    return { participants: [client, other], chances: odd };
  },
};
