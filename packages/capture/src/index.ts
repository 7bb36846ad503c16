// @lastref/capture: real TCP for a simulated stack. A capture says when each segment was sent, sent
// again and acknowledged, and when each RPC call was answered.
//
//   const { connections } = await listFile(path);          // any size: what is in it
//   const [log] = await logFlows(path, [connections[0].id]); // and one connection, to be played again
//
//   const capture = readCapture(readFileSync(path), path); // small: all of it in memory
//   for (const connection of followTcp(capture)) {
//     const { totals } = analyse(connection);
//     const { exchanges } = rpcRecords(connection);
//   }
export { readCapture, type Capture, type ReadOptions } from './capture.ts';
export type { Frame } from './frames.ts';
export {
  followTcp,
  type Connection,
  type Endpoint,
  type Peers,
  type Segment,
  type Side,
} from './connections.ts';
export { Flag } from './tcp.ts';
export { analyse, Mark, type Analysis, type Totals } from './analysis.ts';
export { segmentsSent, type SentSegment } from './sent.ts';
export { rpcRecords, type RpcCall, type RpcExchange, type RpcReply, type RpcTrace } from './rpc.ts';
export { Flow, Sender, type RpcEvent } from './flow.ts';
export { FlowLog, logOf } from './log.ts';
export { Unread, type RecordHead } from './rpc-reader.ts';
export { Column, float64, uint32, uint8 } from './columns.ts';
export { RangeSet, StreamOffsets } from './sequence.ts';
export { CaptureError } from './errors.ts';
export { writePcapng, type WrittenPacket } from './write.ts';
export {
  listCapture,
  logFlows,
  type BySide,
  type CaptureInput,
  type CaptureSummary,
  type ConnectionSummary,
  type RpcSummary,
} from './scan.ts';
