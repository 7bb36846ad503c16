// A capture in which late ACKs cross retransmissions that are still queued. The model holds each of these in its own
// ring for as long as the network did: who would have been told while it was there?
import { followTcp, logOf, readCapture, segmentsSent, type SentSegment } from '@lastref/capture';
import { Nic, SingleStep, declareState, type Kernel } from '@lastref/kernel';
import {
  CaptureDriver,
  DEFAULT_DRIVER_TICKS,
  EventKind,
  EventList,
  planCapture,
  type CapturePlan,
  type PlanOperation,
  type Workload,
} from '@lastref/workloads';
import { readFileSync } from 'node:fs';
import { Cell } from '@lastref/search';
import { bundledFile } from '@lastref/runner';
import { Completions } from './completions.ts';
import type { Lab } from './index.ts';

const SENDER = '03-late-ack-sender.pcapng';
const RECEIVER = '03-late-ack-receiver.pcap';
/** A pause that ends a burst. */
const PAUSE_TICKS = 100_000;

export interface Crossing {
  /** When the retransmission was sent, when the ACK came, and when the retransmission left its queue. */
  readonly sent: number;
  readonly acked: number;
  readonly left: number;
  /** When the producer was told of the burst; -1: never. */
  readonly told: number;
  /** Who could read the pages when it was told. */
  readonly readers: readonly string[];
  /** Changed bytes of the burst went out. */
  readonly changed: boolean;
}

export const crossingLab: Lab<readonly Crossing[]> = (design, era) => {
  const [connection] = followTcp(read(SENDER));
  const { dataSender } = connection!;
  const plan = burstPlan(planCapture(logOf(connection!)));
  const queued = crossingsOf(plan, segmentsSent(connection!, dataSender));
  const workload: Workload = {
    id: 'crossings',
    title: '',
    story: '',
    frames: 4096,
    horizonTicks: Number.MAX_SAFE_INTEGER,
    build(k) {
      const driver = new CaptureDriver(k, plan, { driverTicks: DEFAULT_DRIVER_TICKS });
      for (const { sent, left } of queued) new Gate(k, sent, left);
      return { participants: [driver], chances: new Map() };
    },
  };
  const cell = new Cell({ design, workload, era, seed: 1 });
  const seen = new Completions(cell.judge);
  cell.runByClock();
  return queued.map(({ sent, acked, left, key }) => {
    const end = seen.ends.get(key);
    return {
      sent,
      acked,
      left,
      told: end?.tick ?? -1,
      readers: end?.readers ?? [],
      changed: end !== undefined && seen.changed.wire.has(end.loan),
    };
  });
};

function read(name: string) {
  const file = bundledFile(name);
  return readCapture(readFileSync(file), file);
}

/** The plan with one operation for each burst of the sender. */
function burstPlan(plan: CapturePlan): CapturePlan {
  const starts: { at: number; tick: number }[] = [];
  let last = -PAUSE_TICKS;
  let seen = 0;
  const data = [...plan.events].filter((e) => e.kind === EventKind.DATA);
  for (const { tick, start, end } of data) {
    if (end <= seen) continue; // sent again
    if (tick - last >= PAUSE_TICKS) starts.push({ at: Math.max(start, seen), tick });
    last = tick;
    seen = end;
  }
  const operations = starts.map(({ at }, i): PlanOperation => {
    const end = starts[i + 1]?.at ?? plan.streamBytes;
    return { start: at, lentFrom: at, end, pieces: null, key: i + 1, name: `burst ${i + 1}` };
  });
  const submits = starts.map(({ tick }, start) => ({
    tick,
    kind: EventKind.SUBMIT,
    start,
    end: 0,
    proves: 0,
    sack: [],
  }));
  const rest = [...plan.events].filter(
    (e) => e.kind === EventKind.DATA || e.kind === EventKind.ACK,
  );
  const end = Math.max(...rest.map((e) => e.tick));
  const replies = operations.map(({ key }) => ({
    tick: end,
    kind: EventKind.REPLY,
    start: key,
    end: 0,
    proves: 0,
    sack: [],
  }));
  const events = [...submits, ...rest, ...replies].sort(
    (a, b) => a.tick - b.tick || a.kind - b.kind,
  );
  return { ...plan, operations, events: EventList.from(events) };
}

interface Queued {
  readonly sent: number;
  readonly acked: number;
  readonly left: number;
  readonly key: number;
}

/** Retransmissions that had not arrived when the ACK of what they carry came back. */
function crossingsOf(plan: CapturePlan, sent: readonly SentSegment[]): Queued[] {
  const [other] = followTcp(read(RECEIVER));
  const arrived = segmentsSent(other!, other!.dataSender);
  const copies = new Map<number, number>();
  const events = [...plan.events];
  return sent.flatMap((s): Queued[] => {
    const nth = copies.get(s.start) ?? 0;
    copies.set(s.start, nth + 1);
    if (!s.retransmission) return [];
    const arrival = arrived.filter((a) => a.start === s.start)[nth];
    const acked = events.find((e) => e.kind === EventKind.ACK && e.start >= s.end);
    const op = plan.operations.find((o) => o.start <= s.start && s.end <= o.end);
    if (arrival === undefined || acked === undefined || op === undefined) return [];
    const left = arrival.segment.tick; // the other file begins one way later, and it left one way before it arrived
    if (acked.tick <= s.segment.tick || acked.tick >= left) return [];
    return [{ sent: s.segment.tick, acked: acked.tick, left, key: op.key }];
  });
}

/** The device does not read from just before `from` to `to`. */
class Gate extends SingleStep {
  private readonly k: Kernel;
  private readonly to: number;
  private closed = false;

  constructor(k: Kernel, from: number, to: number) {
    super(`gate at ${from}`, 'closes or opens');
    this.k = k;
    this.to = to;
    k.agenda.add(this);
    k.agenda.arm(this.place, from - 1);
  }

  take(): boolean {
    const { k } = this;
    const nic = k.holders.find((h) => h instanceof Nic)!;
    k.agenda.disarm(this.place);
    if (this.closed) {
      nic.resume();
      return true;
    }
    this.closed = true;
    nic.stall();
    k.agenda.arm(this.place, this.to);
    return true;
  }
}

declareState(Gate, {
  state: 'closed',
  constant: 'k to',
});
