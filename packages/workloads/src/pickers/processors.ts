// By the clock, where processors take their time: each host has one, a step begins when it falls due and its processor
// is free, and what it has done is charged by the ledger.
import {
  COEFFICIENTS,
  COST_NAMES,
  COUNTERS,
  Cost,
  Side,
  type Agenda,
  type End,
  type Kernel,
  type StepSource,
} from '@lastref/kernel';
import type { LinkChances } from '../scenario.ts';
import { ClockPicker } from './clock.ts';
import type { Recorder } from '../trace.ts';

/** Time is counted in hundredths of a nanosecond, whole: the coefficients have two digits. */
const NANOSECOND = 100;
const TICK = 1000 * NANOSECOND;

/** The processor of the host that lends, and that of its peer. */
type Processor = 0 | 1;

export class ProcessorPicker extends ClockPicker {
  /** When each is free, in hundredths of a nanosecond. */
  private readonly free: [number, number] = [0, 0];
  private readonly prices: Float64Array;
  private readonly counts: Float64Array;
  private readonly before: Float64Array;

  constructor(
    k: Kernel,
    end: End,
    seed: number,
    chances: ReadonlyMap<number, LinkChances>,
    recorder: Recorder,
  ) {
    super(seed, chances, recorder);
    this.prices = pricesAt(end);
    this.counts = k.cost;
    this.before = k.cost.slice();
  }

  override step(agenda: Agenda): boolean {
    const { sources } = agenda;
    const place = agenda.earliestBy((p, due) => this.start(sources[p]!, due));
    if (place < 0) return false;
    const source = sources[place]!;
    const start = this.start(source, agenda.due[place]!);
    agenda.now = Math.max(agenda.now, Math.floor(start / TICK));
    const item = source.item();
    const verb = this.verbAt(place);
    this.recorder.deviate(place, verb, item);
    agenda.take(place, verb, item);
    this.charge(start);
    return true;
  }

  private start(source: StepSource, due: number): number {
    return source.byDevice === true ? due * TICK : Math.max(due * TICK, this.free[worker(source)]);
  }

  /** What the step cost keeps its processor busy: that of the peer for what was done on its side. */
  private charge(start: number): void {
    const { counts, before, prices, free } = this;
    for (const side of Object.values(Side)) {
      let cost = 0;
      for (let i = 0; i < COUNTERS; i++)
        cost += (counts[side + i]! - before[side + i]!) * prices[i]!;
      if (cost === 0) continue;
      const processor: Processor = side === Side.PEER ? 1 : 0;
      free[processor] = Math.max(free[processor], start) + cost;
    }
    before.set(counts);
  }
}

function worker({ lendsNothing }: StepSource): Processor {
  return lendsNothing === true ? 1 : 0;
}

/** By counter of the ledger, in hundredths of a nanosecond. */
function pricesAt(end: End): Float64Array {
  const prices = new Float64Array(COUNTERS);
  for (const { counter, ns, nsHigh } of COEFFICIENTS) {
    const price = Math.round((end === 'low' ? ns : nsHigh) * NANOSECOND);
    COST_NAMES.forEach((name, i) => {
      const head = counter === 'allocHead' && name.startsWith('kmalloc');
      if (name === counter || head) prices[i] = price;
    });
  }
  prices[Cost.PAGE_REF] = prices[Cost.ATOMIC_REF]!;
  prices[Cost.PAGE_REF_AWAY] = prices[Cost.ATOMIC_REF]! + prices[Cost.AWAY_REF]!;
  prices[Cost.DESIGN_REF] = prices[Cost.ATOMIC_DESIGN]!;
  prices[Cost.DESIGN_REF_AWAY] = prices[Cost.ATOMIC_DESIGN]! + prices[Cost.AWAY_DESIGN]!;
  return prices;
}
