export * from './catalog/miniature.ts';
export * from './catalog/runtime.ts';
export * from './catalog/workloads.ts';
export * from './pages.ts';
export * from './prng.ts';
export * from './scenario.ts';
export * from './topology.ts';
export * from './trace.ts';
export * from './apps/consumer.ts';
export * from './apps/datagram-reader.ts';
export * from './apps/dst-peer.ts';
export * from './apps/far-end.ts';
export * from './apps/iscsi-target.ts';
export * from './apps/nfsd.ts';
export * from './apps/proxy.ts';
export * from './apps/station.ts';
export * from './apps/target.ts';
export * from './apps/teardown.ts';
export * from './pickers/clock.ts';
export * from './pickers/picker.ts';
export * from './pickers/processors.ts';
export * from './pickers/trace.ts';
export * from './producers/file.ts';
export * from './producers/guest.ts';
export * from './producers/dst.ts';
export * from './producers/iscsi.ts';
export * from './producers/neighbour.ts';
export * from './producers/nfs.ts';
export * from './producers/ordinary.ts';
export * from './producers/program/host.ts';
export * from './producers/registry.ts';
export * from './producers/stream.ts';
export * from './producers/vring.ts';
export * from './capture/driver.ts';
export * from './capture/events.ts';
export {
  CHUNK_BYTES,
  type PlanOperation,
  type PlanPiece,
  type PlanUnit,
} from './capture/operations.ts';
export * from './capture/plan.ts';
export * from './capture/workload.ts';
export * from './stories/set.ts';
export * from './stories/stage.ts';
export * from './stories/stories.ts';
export * from './stories/story.ts';
export { Writer, WriterVerb, type Range } from './stories/writer.ts';
