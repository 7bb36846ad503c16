// Captures as workloads.
import { loadCaptures, type CaptureSource } from '@lastref/runner';
import { DEFAULT_DRIVER_TICKS, type Workload } from '@lastref/workloads';

const sources = new WeakMap<Workload, CaptureSource>();

/** What a workload was read from: tokens name it. Of one that no capture drives, nothing. */
export function sourceOfCapture(workload: Workload): CaptureSource {
  return sources.get(workload) ?? { file: '', driverTicks: 0, flows: null };
}

/**
 * The connections of a pcap or pcapng file, of any size, each as a workload that drives the machine as the file has it.
 * Throws CaptureError with the place of what cannot be read. `driverTicks`: µs that the driver keeps a packet.
 */
export async function captureWorkloads(
  file: string,
  driverTicks = DEFAULT_DRIVER_TICKS,
): Promise<readonly Workload[]> {
  const source = { file, driverTicks, flows: null };
  const workloads = await loadCaptures(source);
  for (const workload of workloads) sources.set(workload, source);
  return workloads;
}
