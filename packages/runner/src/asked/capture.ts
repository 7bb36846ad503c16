// The capture that a command names: its file, and the connections that drive.
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import { bundledCapture, chooseFlows, keepInput, type CaptureSource } from '../captures.ts';
import { absolute } from '../registry.ts';

/** `capture`: a file, or `-` for standard input, which is kept until the process ends; without it the one that ships. */
export async function captureCalled({
  capture,
  flow,
  driverDelay,
}: {
  readonly capture?: string | undefined;
  readonly flow?: string | undefined;
  /** Ticks; without it the usual one. */
  readonly driverDelay?: number | undefined;
}): Promise<CaptureSource> {
  const file =
    capture === undefined
      ? bundledCapture().file
      : await keepInput(capture === '-' ? capture : absolute(capture));
  const source = { file, driverTicks: driverDelay ?? DEFAULT_DRIVER_TICKS, flows: null };
  return flow === undefined ? source : chooseFlows(source, flow);
}
