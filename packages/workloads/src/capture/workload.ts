// A capture file as a workload.
import { followTcp, readCapture, type Connection } from '@lastref/capture';
import { PAGE_SIZE } from '@lastref/kernel';
import type { Workload } from '../scenario.ts';
import { CaptureDriver } from './driver.ts';
import { planCapture, type CapturePlan } from './plan.ts';

/** Ticks from the driver's xmit to the device's read, unless the user says otherwise. */
export const DEFAULT_DRIVER_TICKS = 5;

export interface CaptureWorkload extends Workload {
  readonly plan: CapturePlan;
  readonly connections: number;
  readonly warnings: readonly string[];
}

/**
 * The connection with the most payload of `bytes`, as a workload with the id `capture`.
 * Throws CaptureError when the file cannot be read or holds no TCP payload.
 */
export function captureWorkload(
  bytes: Uint8Array,
  file: string,
  driverTicks = DEFAULT_DRIVER_TICKS,
): CaptureWorkload {
  const capture = readCapture(bytes, file);
  const connections = followTcp(capture);
  const connection = connections.reduce((best, c) => (payload(c) > payload(best) ? c : best));
  const plan = planCapture(connection);
  const pages = plan.operations.reduce(
    (sum, op) => sum + Math.ceil((op.end - op.lentFrom) / PAGE_SIZE) + 1,
    0,
  );
  const what = plan.notRpc === '' ? `${plan.replies} calls answered` : 'chunks of 64 KiB';
  return {
    id: 'capture',
    title: `driven by ${file}`,
    story: `${plan.segments} data segments, ${plan.retransmissions} of them sent again, ${plan.acks} ACKs, ${what}: what would have happened to this traffic.`,
    frames: 2 * pages + 1024,
    horizonTicks: 0x7ffffffe,
    plan,
    connections: connections.length,
    warnings: capture.warnings,
    build(k) {
      const driver = new CaptureDriver(k, plan, { driverTicks });
      return { participants: [driver], chances: new Map() };
    },
  };
}

function payload(connection: Connection): number {
  return connection.segments.reduce(
    (sum, s) => sum + (s.from === connection.dataSender ? s.length : 0),
    0,
  );
}
