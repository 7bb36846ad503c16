// A story as a Chrome trace, which Perfetto opens too: a track for each holder, flows where references go from
// one to another, counters for the counts. Format: the Trace Event Format.
import type { Mark, StorySide, StoryStep } from '@lastref/report';

export interface TraceEvent {
  readonly name: string;
  readonly ph: 'M' | 'X' | 'i' | 's' | 'f' | 'C';
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  /** Instants: of their track. */
  readonly s?: 't';
  /** Flows end in the slice around them. */
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, string | number | boolean>>;
}

const PID = 1;
/** The track of the steps; lanes follow. */
const STEPS = 1;
const FIRST_LANE = 2;
/** The shortest time that a tool shows. */
const LEAST = 0.001;

const MARK_NAMES: Readonly<Record<Mark, string>> = {
  lent: 'lends',
  completed: 'is told',
  rewritten: 'written anew',
  read: 'reads lent bytes',
  changed: 'READS CHANGED BYTES',
  found: 'FINDING',
};

export function perfettoTrace(side: StorySide, loan: number): { traceEvents: TraceEvent[] } {
  const times = timesOf(side.steps);
  const end = (times.at(-1) ?? 0) + 1;
  const at = (i: number): number => times[i] ?? end;
  const events: TraceEvent[] = [
    meta('process_name', 0, `${side.design}, loan ${loan}`),
    ...track(STEPS, 'steps'),
    ...side.lanes.flatMap((lane, i) => track(FIRST_LANE + i, lane)),
  ];
  side.steps.forEach((step, i) => {
    const { n, text, pageRefs, loanRefs } = step;
    const ts = at(i);
    const dur = Math.max(LEAST, round(at(i + 1) - ts));
    const said = step.says.length === 0 ? {} : { says: step.says.join(' ') };
    events.push({
      name: text,
      ph: 'X',
      cat: 'step',
      pid: PID,
      tid: STEPS,
      ts,
      dur,
      args: { step: n, ...said },
    });
    for (const h of step.holdings) {
      const { refs, copies, changed } = h;
      const name = refs > 0 ? `${refs} by reference` : `${copies} as copies`;
      const args = { refs, copies, changed };
      const cat = changed ? 'changed' : 'holding';
      events.push({ name, ph: 'X', cat, pid: PID, tid: FIRST_LANE + h.lane, ts, dur, args });
    }
    for (const { lane, mark } of step.marks) {
      const tid = FIRST_LANE + lane;
      events.push({ name: MARK_NAMES[mark], ph: 'i', cat: mark, pid: PID, tid, ts, s: 't' });
    }
    events.push(
      counter('page references', ts, pageRefs),
      counter("the design's count", ts, loanRefs),
    );
  });
  let id = 0;
  for (const [i, from, to] of moves(side)) {
    const base = { name: 'reference', cat: 'reference', pid: PID };
    events.push(
      { ...base, ph: 's', id: ++id, tid: FIRST_LANE + from, ts: round(at(i) - LEAST) },
      { ...base, ph: 'f', bp: 'e', id, tid: FIRST_LANE + to, ts: at(i) },
    );
  }
  return { traceEvents: events };
}

/** Steps of one tick share it evenly, so that their order shows. */
function timesOf(steps: readonly StoryStep[]): number[] {
  const inTick = new Map<number, number>();
  for (const { tick } of steps) inTick.set(tick, (inTick.get(tick) ?? 0) + 1);
  const seen = new Map<number, number>();
  return steps.map(({ tick }) => {
    const nth = seen.get(tick) ?? 0;
    seen.set(tick, nth + 1);
    return round(tick + nth / inTick.get(tick)!);
  });
}

/** To tenths of a nanosecond. */
function round(us: number): number {
  return Math.round(us * 10_000) / 10_000;
}

/** Step, lane it came from and lane it went to, for every lane that begins to hold something. */
function moves({ steps }: StorySide): [number, number, number][] {
  const found: [number, number, number][] = [];
  for (let i = 1; i < steps.length; i++) {
    const before = steps[i - 1]!.holdings.map((h) => h.lane);
    for (const { lane } of steps[i]!.holdings) {
      const above = before.filter((l) => l < lane);
      if (!before.includes(lane) && above.length > 0) found.push([i, Math.max(...above), lane]);
    }
  }
  return found;
}

function track(tid: number, name: string): TraceEvent[] {
  return [
    meta('thread_name', tid, name),
    { name: 'thread_sort_index', ph: 'M', pid: PID, tid, args: { sort_index: tid } },
  ];
}

function meta(what: string, tid: number, name: string): TraceEvent {
  return { name: what, ph: 'M', pid: PID, tid, args: { name } };
}

function counter(name: string, ts: number, count: number): TraceEvent {
  return { name, ph: 'C', pid: PID, tid: 0, ts, args: { count } };
}
