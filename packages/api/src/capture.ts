// Captures, read and as workloads.
import { readCapture as read, type Capture, type ReadOptions } from '@lastref/capture';
import { loadCaptures, type CaptureSource } from '@lastref/runner';
import { DEFAULT_DRIVER_TICKS, type Workload } from '@lastref/workloads';
import { mustBeBytes, mustBeObject, mustBePath, mustBeText, mustBeWhole } from './given.ts';

/** As `--driver-delay` has it: nine digits. */
const DRIVER_TICKS_MAX = 999_999_999;

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
  mustBePath('file', 'the path of a capture', file);
  mustBeWhole('driverTicks', driverTicks, 0, DRIVER_TICKS_MAX);
  const source = { file, driverTicks, flows: null };
  const workloads = await loadCaptures(source);
  for (const workload of workloads) sources.set(workload, source);
  return workloads;
}

/**
 * The frames of a pcap or pcapng file whose `bytes` these are, as far as it is whole; `file`: a name for messages. Throws CaptureError
 * where nothing can be read.
 */
export function readCapture(
  bytes: Uint8Array,
  file = 'capture',
  options: ReadOptions = {},
): Capture {
  mustBeBytes('bytes', bytes);
  mustBeText('file', 'a name for messages', file);
  mustBeObject('options', 'an object with unpackedBytesMax', options);
  const { unpackedBytesMax: max } = options;
  if (max !== undefined) mustBeWhole('unpackedBytesMax', max, 0, Number.MAX_SAFE_INTEGER);
  return read(bytes, file, options);
}
