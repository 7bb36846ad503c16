// A connection of a capture as a workload.
import {
  CaptureError,
  followTcp,
  logOf,
  readCapture,
  type FlowLog,
  type Side,
} from '@lastref/capture';
import type { Workload } from '../scenario.ts';
import { CaptureDriver, waitsForReply } from './driver.ts';
import { planCapture, type CapturePlan } from './plan.ts';

/** Ticks from the driver's xmit to the device's read, unless the user says otherwise or the capture proves less. */
export const DEFAULT_DRIVER_TICKS = 5;

export interface CaptureWorkload extends Workload {
  readonly plan: CapturePlan;
  /** What was odd in the file, and what of the connection could not be read. */
  readonly warnings: readonly string[];
}

/** What drives a run: one connection of `file`, as a workload called `id`. */
export function flowWorkload(
  log: FlowLog,
  options: {
    readonly id: string;
    readonly file: string;
    readonly driverTicks: number;
    /** The modelled side; null: the one whose data go in whole pages. */
    readonly side: Side | null;
    readonly warnings: readonly string[];
  },
): CaptureWorkload {
  const { id, file, driverTicks, warnings } = options;
  const plan = planCapture(log, options.side);
  if (plan.segments === 0) {
    throw new CaptureError(
      file,
      -1,
      `the ${sideName(plan.side)} of connection ${plan.flow} sent no data`,
      'name a connection with data; lastref capture lists them',
    );
  }
  return {
    id,
    title: `driven by ${file}, ${flowName(plan)}`,
    story: storyOf(plan),
    lends: { by: 'socket', over: 'tcp' },
    frames: plan.frames,
    horizonTicks: Number.MAX_SAFE_INTEGER,
    plan,
    warnings: [...warnings, ...oddities(plan)],
    unjudged: (k) => (waitsForReply(k) ? plan.noReplies : ''),
    build(k) {
      const driver = new CaptureDriver(k, plan, { driverTicks });
      return { participants: [driver], chances: new Map() };
    },
  };
}

/** The connection with the most payload of a capture that is in memory, as the workload `capture`. */
export function captureWorkload(
  bytes: Uint8Array,
  file: string,
  driverTicks = DEFAULT_DRIVER_TICKS,
): CaptureWorkload {
  const capture = readCapture(bytes, file);
  const logs = followTcp(capture).map(logOf);
  const most = logs.reduce((best, log) => (payload(log) > payload(best) ? log : best));
  const { warnings } = capture;
  return flowWorkload(most, { id: 'capture', file, driverTicks, side: null, warnings });
}

/** Bytes of payload, of both sides. */
export function payload({ flow }: FlowLog): number {
  return flow.senders[0].payloadBytes + flow.senders[1].payloadBytes;
}

function sideName(side: Side): string {
  return side === 0 ? 'client' : 'server';
}

/** Which connection, and which of its sides is modelled. */
export function flowName({ flow, client, server, side }: CapturePlan): string {
  return `connection ${flow}, ${client} to ${server}, ${sideName(side)} modelled`;
}

function storyOf(plan: CapturePlan): string {
  const { segments, retransmissions, acks, unit, calls, replies, operations } = plan;
  const what =
    unit === 'calls'
      ? `${replies} of ${some(calls, 'call')} answered`
      : unit === 'replies'
        ? `${some(operations.filter(({ key }) => key >= 0).length, 'reply', 'replies')} with data`
        : 'chunks of 64 KiB';
  return `${some(segments, 'data segment')}, ${retransmissions} of them sent again, ${some(acks, 'ACK')}, ${what}: what would have happened to this traffic.`;
}

/** '1 byte', '2 bytes'. */
function some(n: number, what: string, several = `${what}s`): string {
  return `${n} ${n === 1 ? what : several}`;
}

/** What the plan leaves out or cannot say, one line each. */
function oddities(plan: CapturePlan): string[] {
  const lines = [...plan.unread];
  const { unseenBytes, late, twice, drivenBytes, streamBytes, open } = plan;
  if (unseenBytes > 0)
    lines.push(
      `${some(unseenBytes, 'byte')} of the stream in no frame: nobody lends what was not seen`,
    );
  if (late > 0)
    lines.push(
      `${some(late, 'transmission')} came after ${late === 1 ? 'its' : 'their'} ACK, left out: the capture was not taken at the sender`,
    );
  if (twice > 0)
    lines.push(
      `${some(twice, 'segment is', 'segments are')} there twice (captured at two interfaces, as tcpdump -i any does), and sent once`,
    );
  if (drivenBytes < streamBytes)
    lines.push(`driven up to byte ${drivenBytes} of ${streamBytes}: too much is without an ACK`);
  if (open > 0)
    lines.push(
      `${some(open, 'operation')} open when the capture ended: nothing is said of the end`,
    );
  if (plan.noReplies !== '')
    lines.push(`designs that wait for a reply are not judged: ${plan.noReplies}`);
  return lines;
}
