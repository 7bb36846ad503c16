// What a capture says that happened, in order, without an object for each event: a connection may have millions.
import { float64, uint32, uint8 } from '@lastref/capture';

export const EventKind = { SUBMIT: 0, DATA: 1, ACK: 2, REPLY: 3 } as const;

export interface PlanEvent {
  readonly tick: number;
  readonly kind: number;
  /** SUBMIT: index of the operation. DATA: [start, end). ACK: start is the cumulative offset. REPLY: start is the key. */
  readonly start: number;
  readonly end: number;
  /** ACK and REPLY: the device has read all packets of so many DATA events, from the first one on. */
  readonly proves: number;
  /** ACK: pairs of stream offsets. */
  readonly sack: readonly number[];
}

const NO_SACK: readonly number[] = [];

/** Events by number, each column a list of its own. */
export class EventList {
  private readonly ticks = float64();
  private readonly kinds = uint8();
  private readonly starts = float64();
  private readonly ends = float64();
  private readonly proofs = uint32();
  private readonly sackAt = uint32();
  private readonly edges = float64();

  constructor() {
    this.sackAt.push(0);
  }

  static from(events: Iterable<PlanEvent>): EventList {
    const list = new EventList();
    for (const event of events) list.push(event);
    return list;
  }

  get length(): number {
    return this.ticks.length;
  }

  push({ tick, kind, start, end, proves, sack }: PlanEvent): void {
    this.ticks.push(tick);
    this.kinds.push(kind);
    this.starts.push(start);
    this.ends.push(end);
    this.proofs.push(proves);
    for (const edge of sack) this.edges.push(edge);
    this.sackAt.push(this.edges.length);
  }

  tick(i: number): number {
    return this.ticks.at(i);
  }

  kind(i: number): number {
    return this.kinds.at(i);
  }

  start(i: number): number {
    return this.starts.at(i);
  }

  end(i: number): number {
    return this.ends.at(i);
  }

  proves(i: number): number {
    return this.proofs.at(i);
  }

  sack(i: number): readonly number[] {
    const from = this.sackAt.at(i);
    const to = this.sackAt.at(i + 1);
    if (from === to) return NO_SACK;
    return Array.from({ length: to - from }, (_, n) => this.edges.at(from + n));
  }

  at(i: number): PlanEvent {
    const { tick, kind, start, end, proves } = {
      tick: this.tick(i),
      kind: this.kind(i),
      start: this.start(i),
      end: this.end(i),
      proves: this.proves(i),
    };
    return { tick, kind, start, end, proves, sack: this.sack(i) };
  }

  *[Symbol.iterator](): Generator<PlanEvent> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}
