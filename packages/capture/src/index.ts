// @lastref/capture: real TCP for a simulated stack. A capture says when each segment was sent, sent
// again and acknowledged, and when each RPC call was answered.
//
//   const capture = readCapture(readFileSync(path), path);
//   for (const connection of followTcp(capture)) {
//     const { totals } = analyse(connection);
//     const { exchanges } = rpcRecords(connection);
//   }
export { readCapture, type Capture, type Frame, type ReadOptions } from './capture.ts';
export {
  followTcp,
  type Connection,
  type Endpoint,
  type Segment,
  type Side,
} from './connections.ts';
export { Flag } from './tcp.ts';
export { analyse, Mark, type Analysis, type Totals } from './analysis.ts';
export { segmentsSent, type SentSegment } from './sent.ts';
export { joinStream, type RangeTicks, type Stream } from './stream.ts';
export { rpcRecords, type RpcCall, type RpcExchange, type RpcReply, type RpcTrace } from './rpc.ts';
export { RangeSet, StreamOffsets } from './sequence.ts';
export { CaptureError } from './errors.ts';
export { writePcapng, type WrittenPacket } from './write.ts';
