// What a message costs, by its size: a stream over a wire that loses nothing, a mebibyte in messages of one size. Each
// message has pages of its own, so that nobody waits for a completion and every design does the same work.
// Not counted: what a program pays to pin its pages and to read its notifications; the model has no price for it.
import { PAGE_SIZE, Side } from '@lastref/kernel';
import { Consumer, HOST_B, StreamProducer, twoHosts, type Workload } from '@lastref/workloads';

/** Bytes of a message. */
export const MESSAGE_SIZES = [4, 16, 64, 256, 1024].map((kib) => kib * 1024);
/** Bytes of one run. */
const TOTAL = 1 << 20;
const GBIT = 1_000_000_000;
const MILLISECOND = 1_000;
const PORT = 5001;

/** How many messages one run has. */
export function messagesOf(bytes: number): number {
  return TOTAL / bytes;
}

export function sizeId(bytes: number): string {
  return `message-${bytes}`;
}

/** No table lists them: they are for their costs alone. */
export const SIZE_WORKLOADS: readonly Workload[] = MESSAGE_SIZES.map((bytes) => ({
  id: sizeId(bytes),
  title: `messages of ${bytes / 1024} KiB`,
  story: `A mebibyte in messages of ${bytes / 1024} KiB over 1 Gbit/s, nothing lost.`,
  lends: { by: 'stream', over: 'tcp' },
  who: 'remote peer',
  frames: 4096,
  horizonTicks: 600_000 * MILLISECOND,
  build(k) {
    const net = twoHosts(k, { rate: GBIT, delayTicks: MILLISECOND, mtu: 1500 });
    const operations = messagesOf(bytes);
    const producer = new StreamProducer(k, {
      name: 'sender',
      side: Side.LENT,
      operations,
      pagesPerOperation: bytes / PAGE_SIZE,
      sets: operations,
      reuseTicks: 0,
      pipe: false,
      rewrites: true,
    });
    const peer = new Consumer(k, {
      name: 'peer',
      side: Side.PEER,
      route: net.routeB,
      readBytes: TOTAL,
      readTicks: 20,
    });
    net.b.listen(PORT, peer);
    net.a.connect('sender', Side.LENT, net.routeA, 40000 + PORT, HOST_B, PORT, producer);
    return { participants: [producer], chances: new Map() };
  },
}));
