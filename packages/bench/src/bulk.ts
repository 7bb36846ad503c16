// One TCP flow that sends 100 MB: the scenario that network simulators are compared by. Bytes are real, the
// ledger counts and the judge watches, as in every cell of `lastref compare`.
import { Side } from '@lastref/kernel';
import { Consumer, HOST_B, StreamProducer, twoHosts, type Workload } from '@lastref/workloads';

/** Payload of a segment: 1500 less IPv4, TCP and timestamps. */
export const MSS = 1448;
const PAGES_PER_OPERATION = 16;
const OPERATION_BYTES = PAGES_PER_OPERATION * 4096;
/** Just above the bandwidth-delay product, so that no queue overflows. */
const BUFFER_BYTES = 3 << 19;
const PORT = 5001;

export interface BulkOptions {
  readonly bytes: number;
  /** Packets lost in a million, on the way of the data. */
  readonly lossPpm: number;
  /** The sender's device cuts large packets (TSO). */
  readonly offload: boolean;
}

/** 1 Gbit/s, 5 ms one way, MTU 1500, SACK, buffers of 1.5 MiB. The first participant is the sink: bytes in order. */
export function bulkWorkload(options: BulkOptions): Workload {
  const { bytes, lossPpm, offload } = options;
  return {
    id: 'bench-bulk',
    title: 'one bulk TCP flow',
    story: `${bytes} bytes over 1 Gbit/s and 5 ms one way; ${lossPpm} packets in a million are lost.`,
    frames: 2048,
    memory: 1 << 24,
    horizonTicks: Number.MAX_SAFE_INTEGER,
    build(k) {
      const net = twoHosts(k, {
        rate: 1_000_000_000,
        delayTicks: 5_000,
        features: { sg: true, csum: true, tso: offload, gso: offload },
        ringSize: 1024,
      });
      const operations = Math.ceil(bytes / OPERATION_BYTES);
      const producer = new StreamProducer(k, {
        name: 'bulk',
        side: Side.LENT,
        operations,
        pagesPerOperation: PAGES_PER_OPERATION,
        sets: 64,
        reuseTicks: 0,
        pipe: false,
        rewrites: true,
      });
      const consumer = new Consumer(k, {
        name: 'sink',
        side: Side.PEER,
        route: net.routeB,
        readBytes: 1 << 20,
        readTicks: 20,
        rcvbuf: BUFFER_BYTES,
      });
      net.b.listen(PORT, consumer);
      const sk = net.a.connect('bulk', Side.LENT, net.routeA, 40000, HOST_B, PORT, producer);
      sk.sndbuf = BUFFER_BYTES;
      const sink = {
        name: 'sink',
        progress: () => ({ done: consumer.bytesRead, of: operations * OPERATION_BYTES }),
      };
      const chances = new Map(lossPpm === 0 ? [] : [[net.forward.place, { drop: lossPpm }]]);
      return { participants: [sink, producer], chances };
    },
  };
}
